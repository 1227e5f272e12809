// Evaluation of Choice rules; see choice.h.
#include "states/choice.h"

#include "base/instant.h"
#include "base/wildcard.h"

namespace ow::states {
namespace {

using base::Json;

std::optional<base::Instant> timestamp(const Json& value) {
  if (!value.is_string()) return std::nullopt;
  auto at = base::parse_rfc3339(value.as_string());
  return at ? std::optional(*at) : std::nullopt;
}

/// <0, 0, >0; nothing when a value is not of the type.
std::optional<int> order_of(ComparedType type, const Json& left, const Json& right) {
  switch (type) {
    case ComparedType::string:
      if (!left.is_string() || !right.is_string()) return std::nullopt;
      return left.as_string().compare(right.as_string());
    case ComparedType::numeric:
      if (!left.is_number() || !right.is_number()) return std::nullopt;
      return base::compare_numbers(left.as_number().text, right.as_number().text);
    case ComparedType::boolean:
      if (!left.is_bool() || !right.is_bool()) return std::nullopt;
      return left.as_bool() == right.as_bool() ? 0 : 1;
    case ComparedType::timestamp: {
      const auto first = timestamp(left);
      const auto second = timestamp(right);
      if (!first || !second) return std::nullopt;
      return *first < *second ? -1 : static_cast<int>(*second < *first);
    }
  }
  return std::nullopt;
}

bool satisfies(Comparison comparison, int order) {
  switch (comparison) {
    case Comparison::equals:
      return order == 0;
    case Comparison::less:
      return order < 0;
    case Comparison::greater:
      return order > 0;
    case Comparison::less_or_equal:
      return order <= 0;
    case Comparison::greater_or_equal:
      return order >= 0;
  }
  return false;
}

bool is(Presence presence, const Json* value) {
  if (value == nullptr) return false;
  switch (presence) {
    case Presence::present:
      return true;
    case Presence::null:
      return value->is_null();
    case Presence::numeric:
      return value->is_number();
    case Presence::string:
      return value->is_string();
    case Presence::boolean:
      return value->is_bool();
    case Presence::timestamp:
      return timestamp(*value).has_value();
  }
  return false;
}

struct Tester {
  const Json& value;
  const Scope& scope;

  Evaluated<bool> operator()(const MatchesTest& test) const {
    return value.is_string() && base::matches_wildcard(test.pattern, value.as_string());
  }
  Evaluated<bool> operator()(const IsTest& test) const { return is(test.presence, &value) == test.expected; }
  Evaluated<bool> operator()(const CompareTest& test) const {
    if (const auto* constant = std::get_if<Json>(&test.against)) return compares(test, *constant);
    auto against = std::get<Path>(test.against).read(scope);
    if (!against) return tl::unexpected(std::move(against.error()));
    return compares(test, *against);
  }
  bool compares(const CompareTest& test, const Json& against) const {
    const auto order = order_of(test.type, value, against);
    return order && satisfies(test.comparison, *order);
  }
};

Evaluated<bool> test_variable(const ChoiceRule& rule, const Scope& scope) {
  const auto* presence = std::get_if<IsTest>(&rule.test);
  if (presence != nullptr && presence->presence == Presence::present) {
    return rule.variable->is_present(scope) == presence->expected;
  }
  if (rule.variable->is_definite()) {
    if (const auto* value = rule.variable->find(scope)) return std::visit(Tester{*value, scope}, rule.test);
  }
  auto value = rule.variable->read(scope);
  if (!value) return tl::unexpected(std::move(value.error()));
  return std::visit(Tester{*value, scope}, rule.test);
}

}  // namespace

Evaluated<bool> holds(const ChoiceRule& rule, const Scope& scope) {
  if (rule.kind == ChoiceRule::Kind::test) return test_variable(rule, scope);
  const bool decides = rule.kind == ChoiceRule::Kind::any;  // the answer of a part that settles the whole
  for (const auto& part : rule.parts) {
    auto answer = holds(part, scope);
    if (!answer) return answer;
    if (rule.kind == ChoiceRule::Kind::negation) return !*answer;
    if (*answer == decides) return decides;
  }
  return !decides;
}

}  // namespace ow::states
