// Reading of json.h: Boost.JSON's push parser feeds a builder. Boost is seen by this file alone.
#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <boost/json/basic_parser_impl.hpp>

#include "base/encoding.h"
#include "base/json.h"

namespace ow::base {
namespace {

constexpr std::size_t kMembersExpected = 8;
constexpr std::size_t kPairwiseMax = 16;  // up to here comparing each with each is quicker than sorting

std::optional<std::string_view> repeated_name(const Json::Object& members) {
  if (members.size() <= kPairwiseMax) {
    for (std::size_t i = 1; i < members.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (members[i].first == members[j].first) return members[i].first;
      }
    }
    return std::nullopt;
  }
  std::vector<std::string_view> names;
  names.reserve(members.size());
  for (const auto& member : members) names.push_back(member.first);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return std::nullopt;
  return *twice;
}

void keep_last(Json::Object& members) {
  std::set<std::string_view> seen;
  std::vector<bool> kept(members.size());
  for (std::size_t i = members.size(); i-- > 0;) kept[i] = seen.insert(members[i].first).second;
  Json::Object last;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (kept[i]) last.push_back(std::move(members[i]));
  }
  members = std::move(last);
}

/// Boost's handler: builds each value in its final place. A container takes no sibling before it is closed,
/// so the pointers to the open ones stay good.
class Builder {
 public:
  using Code = boost::json::error_code;
  using View = boost::json::string_view;

  explicit Builder(RepeatedMembers repeated_members) : repeated_members_(repeated_members) {}

  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) {
    Json::Object members;
    members.reserve(kMembersExpected);
    open_.push_back(&place(Json(std::move(members))));
    return true;
  }
  bool on_object_end(std::size_t, Code& code) {
    auto& members = open_.back()->as_object();
    open_.pop_back();
    const auto name = repeated_name(members);
    if (!name) return true;
    if (repeated_members_ == RepeatedMembers::last_kept) {
      keep_last(members);
      return true;
    }
    repeated_ = *name;
    code = boost::json::make_error_code(boost::json::error::syntax);
    return false;
  }
  bool on_array_begin(Code&) {
    open_.push_back(&place(Json(Json::Array())));
    return true;
  }
  bool on_array_end(std::size_t, Code&) {
    open_.pop_back();
    return true;
  }
  bool on_key_part(View part, std::size_t, Code&) { return append(part); }
  bool on_key(View part, std::size_t, Code&) {
    name_ = take(part);
    return true;
  }
  bool on_string_part(View part, std::size_t, Code&) { return append(part); }
  bool on_string(View part, std::size_t, Code&) {
    place(Json(take(part)));
    return true;
  }
  bool on_number_part(View part, Code&) { return append(part); }
  bool on_int64(std::int64_t, View part, Code&) { return number(part); }
  bool on_uint64(std::uint64_t, View part, Code&) { return number(part); }
  bool on_double(double, View part, Code&) { return number(part); }
  bool on_bool(bool value, Code&) {
    place(Json(value));
    return true;
  }
  bool on_null(Code&) {
    place(Json());
    return true;
  }
  bool on_comment_part(View, Code&) { return true; }
  bool on_comment(View, Code&) { return true; }

  Json& root() { return root_; }
  const std::optional<std::string>& repeated() const { return repeated_; }

 private:
  Json& place(Json value) {
    if (open_.empty()) return root_ = std::move(value);
    Json& parent = *open_.back();
    if (parent.is_array()) return parent.as_array().emplace_back(std::move(value));
    return parent.as_object().emplace_back(std::move(name_), std::move(value)).second;
  }
  bool append(View part) {
    pending_.append(part.data(), part.size());
    return true;
  }
  std::string take(View part) {
    if (pending_.empty()) return std::string(part.data(), part.size());
    append(part);
    return std::exchange(pending_, {});
  }
  bool number(View part) {
    place(Json(JsonNumber{take(part)}));
    return true;
  }

  const RepeatedMembers repeated_members_;
  Json root_;
  std::vector<Json*> open_;
  std::string name_;
  std::string pending_;  // front of a string or number that comes in parts (around escapes)
  std::optional<std::string> repeated_;
};

tl::unexpected<Error> malformed(std::string what, std::size_t offset) {
  return fail(ErrorCode::malformed, "malformed_json", fmt::format("{} at byte {}.", what, offset));
}

std::string shown(std::string_view name) {
  constexpr std::size_t kShown = 64;
  std::string out;
  append_quoted(out, name.substr(0, kShown));
  return is_utf8(out) ? out : "(a long name)";
}

}  // namespace

Result<Json> parse_json(std::string_view text, JsonLimits limits) {
  boost::json::parse_options options;
  options.max_depth = limits.depth_max;
  boost::json::basic_parser<Builder> parser(options, limits.repeated_members);
  boost::json::error_code code;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), code);
  auto& builder = parser.handler();
  if (const auto& name = builder.repeated()) {
    return malformed(fmt::format("The member {} appears twice in the object that ends", shown(*name)), read);
  }
  if (code == boost::json::error::too_deep) {
    return malformed(fmt::format("The text nests deeper than {} levels", limits.depth_max), read);
  }
  if (code) return malformed(fmt::format("The text is not JSON ({})", code.message()), read);
  if (read < text.size()) return malformed("The text goes on after its JSON value", read);
  return std::move(builder.root());
}

}  // namespace ow::base
