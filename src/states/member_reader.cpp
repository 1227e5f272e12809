// See member_reader.h.
#include "states/member_reader.h"

#include <algorithm>

namespace ow::states {

using base::Json;

std::string MemberReader::place_of(std::string_view name) const {
  if (name.empty()) return place_.empty() ? "The definition" : place_;
  return place_.empty() ? std::string(name) : place_ + "." + std::string(name);
}

void MemberReader::problem(std::string_view name, std::string_view rule) {
  violations_.push_back(place_of(name) + " " + std::string(rule));
}

bool MemberReader::is_object() {
  if (text_.is_object()) return true;
  problem("", "must be an object");
  return false;
}

void MemberReader::allow_only(std::initializer_list<std::string_view> names) {
  for (const auto& member : text_.as_object()) {
    if (std::find(names.begin(), names.end(), member.first) == names.end())
      problem(member.first, "is not allowed here");
  }
}

void MemberReader::at_most_one_of(std::initializer_list<std::string_view> names) {
  std::string_view seen;
  for (const auto name : names) {
    if (find(name) == nullptr) continue;
    if (!seen.empty()) problem(name, "and " + std::string(seen) + " exclude each other");
    seen = name;
  }
}

std::string MemberReader::text_member(std::string_view name, bool required) {
  const auto* value = find(name);
  if (value == nullptr && !required) return {};
  if (value == nullptr || !value->is_string() || (required && value->as_string().empty())) {
    problem(name, required ? "must be a non-empty text" : "must be a text");
    return {};
  }
  return value->as_string();
}

std::optional<std::int64_t> MemberReader::integer(std::string_view name, Bounds bounds) {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  const auto number = value->is_number() ? value->as_number().integer() : std::nullopt;
  if (number && *number >= bounds.min && *number <= bounds.max) return number;
  problem(name, "must be an integer from " + std::to_string(bounds.min) + " to " + std::to_string(bounds.max));
  return std::nullopt;
}

NumberMember MemberReader::number(std::string_view name, std::string_view path_name, Bounds bounds) {
  at_most_one_of({name, path_name});
  NumberMember member;
  if (const auto value = integer(name, bounds)) member.value = static_cast<double>(*value);
  member.path = path(path_name);
  return member;
}

NumberMember MemberReader::percentage(std::string_view name, std::string_view path_name) {
  at_most_one_of({name, path_name});
  NumberMember member;
  member.whole = false;
  member.path = path(path_name);
  const auto* value = find(name);
  if (value == nullptr) return member;
  member.value = value->is_number() ? value->as_number().to_double() : -1;
  if (!(*member.value >= 0 && *member.value <= 100)) problem(name, "must be a number from 0 to 100");
  return member;
}

std::optional<Path> MemberReader::path(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  auto parsed = value->is_string() ? Path::parse(value->as_string())
                                   : base::fail(base::ErrorCode::malformed, "invalid_path", "expected a text");
  if (parsed) return std::move(*parsed);
  problem(name, "must be a path: " + parsed.error().message);
  return std::nullopt;
}

PathMember MemberReader::nullable_path(std::string_view name, bool reference) {
  const auto* value = find(name);
  if (value == nullptr) return {};
  if (value->is_null()) return {true, std::nullopt};
  PathMember member{false, path(name)};
  if (member.path && reference && (!member.path->is_reference() || member.path->root() != Path::Root::input)) {
    problem(name, "must be a reference path into the input");
  }
  return member;
}

std::optional<Template> MemberReader::payload(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  auto parsed = Template::parse(*value, place_of(name));
  if (parsed) return std::move(*parsed);
  violations_.insert(violations_.end(), parsed.error().violations.begin(), parsed.error().violations.end());
  return std::nullopt;
}

std::optional<Template> MemberReader::object_payload(std::string_view name) {
  const auto* value = find(name);
  if (value != nullptr && !value->is_object()) {
    problem(name, "must be an object");
    return std::nullopt;
  }
  return payload(name);
}

std::optional<Expression> MemberReader::expression(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr) return std::nullopt;
  auto parsed = value->is_string() ? Expression::parse(value->as_string())
                                   : base::fail(base::ErrorCode::malformed, "invalid_expression", "expected a text");
  if (parsed) return std::move(*parsed);
  problem(name, "must be a path or an intrinsic function: " + parsed.error().message);
  return std::nullopt;
}

std::vector<std::string> MemberReader::error_names(std::string_view name) {
  std::vector<std::string> names;
  for (const auto* item : items(name, true)) {
    if (item->is_string()) {
      names.push_back(item->as_string());
    } else {
      problem(name, "must hold error names");
    }
  }
  const bool wildcard = std::find(names.begin(), names.end(), "States.ALL") != names.end();
  if (wildcard && names.size() > 1) problem(name, "must hold States.ALL alone");
  return names;
}

std::vector<const Json*> MemberReader::items(std::string_view name, bool required) {
  const auto* value = find(name);
  std::vector<const Json*> found;
  if (value == nullptr && !required) return found;
  if (value == nullptr || !value->is_array() || (required && value->as_array().empty())) {
    problem(name, required ? "must be a non-empty array" : "must be an array");
    return found;
  }
  for (const auto& item : value->as_array()) found.push_back(&item);
  return found;
}

}  // namespace ow::states
