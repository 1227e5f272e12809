// See json.h: access and comparison. Numbers are in json_number.cpp, reading in json_parse.cpp, writing in
// json_write.cpp.
#include "base/json.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/assert.h"

namespace ow::base {
namespace {

template <typename Members>
auto find_member(Members& members, std::string_view name) {
  return std::find_if(members.begin(), members.end(), [name](const Json::Member& m) { return m.first == name; });
}

std::vector<const Json::Member*> by_name(const Json::Object& members) {
  std::vector<const Json::Member*> sorted;
  sorted.reserve(members.size());
  for (const auto& member : members) sorted.push_back(&member);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
  return sorted;
}

bool equal_objects(const Json::Object& left, const Json::Object& right) {
  if (left.size() != right.size()) return false;
  const auto same_name = [](const Json::Member& a, const Json::Member& b) { return a.first == b.first; };
  if (std::equal(left.begin(), left.end(), right.begin(), same_name)) return left == right;
  const auto same = [](const Json::Member* a, const Json::Member* b) { return *a == *b; };
  const auto a = by_name(left), b = by_name(right);
  return std::equal(a.begin(), a.end(), b.begin(), same);
}

}  // namespace

Json Json::object(std::initializer_list<JsonMember> members) {
  Object object;
  object.reserve(members.size());
  for (const auto& member : members) object.emplace_back(std::move(member.name), std::move(member.value));
  return Json(std::move(object));
}

Json Json::array(std::initializer_list<JsonItem> items) {
  Array array;
  array.reserve(items.size());
  for (const auto& item : items) array.push_back(std::move(item.value));
  return Json(std::move(array));
}

Json::Json(std::int64_t value) : value_(JsonNumber{fmt::format_int(value).str()}) {}
Json::Json(std::uint64_t value) : value_(JsonNumber{fmt::format_int(value).str()}) {}

bool Json::as_bool() const {
  OW_ASSERT(is_bool(), "the JSON value is a boolean");
  return *std::get_if<bool>(&value_);
}

const JsonNumber& Json::as_number() const {
  OW_ASSERT(is_number(), "the JSON value is a number");
  return *std::get_if<JsonNumber>(&value_);
}

const std::string& Json::as_string() const {
  OW_ASSERT(is_string(), "the JSON value is a string");
  return *std::get_if<std::string>(&value_);
}

const Json::Array& Json::as_array() const {
  OW_ASSERT(is_array(), "the JSON value is an array");
  return *std::get_if<Array>(&value_);
}

Json::Array& Json::as_array() {
  OW_ASSERT(is_array(), "the JSON value is an array");
  return *std::get_if<Array>(&value_);
}

const Json::Object& Json::as_object() const {
  OW_ASSERT(is_object(), "the JSON value is an object");
  return *std::get_if<Object>(&value_);
}

Json::Object& Json::as_object() {
  OW_ASSERT(is_object(), "the JSON value is an object");
  return *std::get_if<Object>(&value_);
}

const Json* Json::find(std::string_view name) const {
  const auto* members = std::get_if<Object>(&value_);
  if (members == nullptr) return nullptr;
  const auto member = find_member(*members, name);
  return member == members->end() ? nullptr : &member->second;
}

Json* Json::find(std::string_view name) {
  auto* members = std::get_if<Object>(&value_);
  if (members == nullptr) return nullptr;
  const auto member = find_member(*members, name);
  return member == members->end() ? nullptr : &member->second;
}

std::optional<std::string_view> Json::string_at(std::string_view name) const {
  const Json* member = find(name);
  if (member == nullptr || !member->is_string()) return std::nullopt;
  return member->as_string();
}

std::optional<std::int64_t> Json::integer_at(std::string_view name) const {
  const Json* member = find(name);
  if (member == nullptr || !member->is_number()) return std::nullopt;
  return member->as_number().integer();
}

std::optional<bool> Json::bool_at(std::string_view name) const {
  const Json* member = find(name);
  if (member == nullptr || !member->is_bool()) return std::nullopt;
  return member->as_bool();
}

Json& Json::set(std::string_view name, Json value) {
  if (is_null()) value_ = Object();
  if (Json* member = find(name)) {
    *member = std::move(value);
  } else {
    as_object().emplace_back(std::string(name), std::move(value));
  }
  return *this;
}

void Json::remove(std::string_view name) {
  auto* members = std::get_if<Object>(&value_);
  if (members == nullptr) return;
  const auto member = find_member(*members, name);
  if (member != members->end()) members->erase(member);
}

void Json::push_back(Json value) { as_array().push_back(std::move(value)); }

bool operator==(const Json& left, const Json& right) {
  if (left.value_.index() != right.value_.index()) return false;
  if (left.is_number()) return compare_numbers(left.as_number().text, right.as_number().text) == 0;
  if (left.is_string()) return left.as_string() == right.as_string();
  if (left.is_array()) return left.as_array() == right.as_array();
  if (left.is_object()) return equal_objects(left.as_object(), right.as_object());
  return !left.is_bool() || left.as_bool() == right.as_bool();
}

}  // namespace ow::base
