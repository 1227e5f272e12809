// Parsing of Choice rules; see choice.h.
#include <array>

#include "states/choice.h"

namespace ow::states {
namespace {

using base::Json;
using Violations = std::vector<std::string>;

struct TypeName {
  std::string_view name;
  ComparedType type;
};
constexpr std::array<TypeName, 4> kTypes = {{{"String", ComparedType::string},
                                             {"Numeric", ComparedType::numeric},
                                             {"Boolean", ComparedType::boolean},
                                             {"Timestamp", ComparedType::timestamp}}};

struct ComparisonName {
  std::string_view name;
  Comparison comparison;
};
constexpr std::array<ComparisonName, 5> kComparisons = {{{"Equals", Comparison::equals},
                                                         {"LessThan", Comparison::less},
                                                         {"GreaterThan", Comparison::greater},
                                                         {"LessThanEquals", Comparison::less_or_equal},
                                                         {"GreaterThanEquals", Comparison::greater_or_equal}}};

struct PresenceName {
  std::string_view name;
  Presence presence;
};
constexpr std::array<PresenceName, 6> kPresences = {{{"IsNull", Presence::null},
                                                     {"IsPresent", Presence::present},
                                                     {"IsNumeric", Presence::numeric},
                                                     {"IsString", Presence::string},
                                                     {"IsBoolean", Presence::boolean},
                                                     {"IsTimestamp", Presence::timestamp}}};

std::optional<CompareTest> compare_operator(std::string_view name) {
  for (const auto& type : kTypes) {
    if (!name.starts_with(type.name)) continue;
    const auto rest = name.substr(type.name.size());
    for (const auto& each : kComparisons) {
      const bool ordered = type.type != ComparedType::boolean || each.comparison == Comparison::equals;
      if (ordered && rest == each.name) return CompareTest{type.type, each.comparison, Json()};
    }
  }
  return std::nullopt;
}

bool is_constant_of(ComparedType type, const Json& value) {
  switch (type) {
    case ComparedType::numeric:
      return value.is_number();
    case ComparedType::boolean:
      return value.is_bool();
    case ComparedType::string:
    case ComparedType::timestamp:
      return value.is_string();
  }
  return false;
}

void set_path(ChoiceRule& rule, const Json& value, const std::string& place, bool variable, Violations& violations) {
  auto path = value.is_string() ? Path::parse(value.as_string())
                                : base::fail(base::ErrorCode::malformed, "invalid_path", "expected a text");
  if (!path) {
    violations.push_back(place + " must be a path: " + path.error().message);
  } else if (variable) {
    rule.variable = std::move(*path);
  } else {
    std::get<CompareTest>(rule.test).against = std::move(*path);
  }
}

bool set_compare(ChoiceRule& rule, std::string_view name, const Json& value, const std::string& place,
                 Violations& violations) {
  const bool by_path = name.ends_with("Path");
  auto test = compare_operator(by_path ? name.substr(0, name.size() - 4) : name);
  if (!test) return false;
  rule.test = *test;
  if (by_path) {
    set_path(rule, value, place, false, violations);
  } else if (!is_constant_of(test->type, value)) {
    violations.push_back(place + " has a value of the wrong type");
  } else {
    std::get<CompareTest>(rule.test).against = value;
  }
  return true;
}

bool set_presence(ChoiceRule& rule, std::string_view name, const Json& value, const std::string& place,
                  Violations& violations) {
  for (const auto& each : kPresences) {
    if (name != each.name) continue;
    if (!value.is_bool()) violations.push_back(place + " must be true or false");
    rule.test = IsTest{each.presence, value.is_bool() && value.as_bool()};
    return true;
  }
  return false;
}

bool set_matches(ChoiceRule& rule, std::string_view name, const Json& value, const std::string& place,
                 Violations& violations) {
  if (name != "StringMatches") return false;
  if (!value.is_string()) violations.push_back(place + " must be a text");
  rule.test = MatchesTest{value.is_string() ? value.as_string() : std::string()};
  return true;
}

bool set_parts(ChoiceRule& rule, std::string_view name, const Json& value, const std::string& place,
               Violations& violations) {
  if (name == "Not") {
    rule.kind = ChoiceRule::Kind::negation;
    rule.parts.push_back(parse_choice_rule(value, place, false, violations));
    return true;
  }
  if (name != "And" && name != "Or") return false;
  rule.kind = name == "And" ? ChoiceRule::Kind::all : ChoiceRule::Kind::any;
  if (!value.is_array() || value.as_array().empty()) {
    violations.push_back(place + " must be a non-empty array of rules");
    return true;
  }
  for (const auto& part : value.as_array()) {
    const auto here = place + "[" + std::to_string(rule.parts.size()) + "]";
    rule.parts.push_back(parse_choice_rule(part, here, false, violations));
  }
  return true;
}

bool is_annotation(std::string_view name, bool top_level) {
  return name == "Comment" || (top_level && (name == "Next" || name == "Assign"));
}

}  // namespace

ChoiceRule parse_choice_rule(const Json& text, const std::string& place, bool top_level, Violations& violations) {
  ChoiceRule rule;
  if (!text.is_object()) {
    violations.push_back(place + " must be an object");
    return rule;
  }
  int operators = 0;
  for (const auto& [name, value] : text.as_object()) {
    const auto here = place + "." + name;
    if (is_annotation(name, top_level)) continue;
    if (name == "Variable") {
      set_path(rule, value, here, true, violations);
    } else if (set_parts(rule, name, value, here, violations) || set_presence(rule, name, value, here, violations) ||
               set_matches(rule, name, value, here, violations) || set_compare(rule, name, value, here, violations)) {
      ++operators;
    } else {
      violations.push_back(here + " is not a member of a choice rule");
    }
  }
  if (operators != 1) violations.push_back(place + " must have exactly one operator");
  const bool is_test = rule.kind == ChoiceRule::Kind::test;
  if (is_test != (text.find("Variable") != nullptr)) {
    violations.push_back(place + (is_test ? " must have a Variable" : " must not have a Variable"));
  }
  return rule;
}

}  // namespace ow::states
