// The rules of Choice states: comparisons joined by And, Or, Not. Source: states-language.net "Choice State".
// Immutable: any thread.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/json.h"
#include "states/path.h"

namespace ow::states {

enum class Comparison : std::uint8_t { equals, less, greater, less_or_equal, greater_or_equal };
enum class ComparedType : std::uint8_t { string, numeric, boolean, timestamp };
enum class Presence : std::uint8_t { null, present, numeric, string, boolean, timestamp };

struct CompareTest {
  ComparedType type = ComparedType::string;
  Comparison comparison = Comparison::equals;
  std::variant<base::Json, Path> against;
};
/// `StringMatches`: `*` stands for any characters, `\*` for itself.
struct MatchesTest {
  std::string pattern;
};
struct IsTest {
  Presence presence = Presence::present;
  bool expected = true;
};

struct ChoiceRule {
  enum class Kind : std::uint8_t { all, any, negation, test };
  Kind kind = Kind::test;
  std::vector<ChoiceRule> parts = {};
  std::optional<Path> variable = std::nullopt;
  std::variant<CompareTest, MatchesTest, IsTest> test = IsTest{};
};

/// A value of another type than the operator's is false. Fails with States.Runtime when the variable, or the
/// path to compare with, names nothing; only IsPresent may ask that.
Evaluated<bool> holds(const ChoiceRule& rule, const Scope& scope);

/// Parses a top-level (`next` allowed) or nested rule; appends a sentence per problem, opening with `place`.
ChoiceRule parse_choice_rule(const base::Json& text, const std::string& place, bool top_level,
                             std::vector<std::string>& violations);

}  // namespace ow::states
