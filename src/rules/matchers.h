// The tests that a pattern's leaf holds. Immutable: any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"

namespace ow::rules {

/// Equal as JSON scalars; numbers by value.
struct ExactMatcher {
  base::Json value;
};
enum class TextTest : std::uint8_t { prefix, suffix, equals, wildcard };
struct TextMatcher {
  TextTest test = TextTest::prefix;
  bool ignore_case = false;
  std::string text;  // fold_case() when ignoring case
};
/// Bounds as JSON number texts; nothing: open.
struct NumericMatcher {
  std::optional<std::string> low;
  std::optional<std::string> high;
  bool low_included = false;
  bool high_included = false;
};
struct ExistsMatcher {
  bool expected = true;
};
struct Address {
  std::array<std::uint8_t, 16> bytes{};
  std::size_t size = 0;  // 4 or 16
};
struct CidrMatcher {
  Address network;
  int prefix_bits = 0;
};
using PlainMatcher = std::variant<ExactMatcher, TextMatcher, NumericMatcher, ExistsMatcher, CidrMatcher>;
/// Holds for a value that none of the others matches.
struct AnythingButMatcher {
  std::vector<PlainMatcher> refused;
};
using Matcher = std::variant<ExactMatcher, TextMatcher, NumericMatcher, ExistsMatcher, CidrMatcher, AnythingButMatcher>;

/// `value` is a scalar.
bool matches(const Matcher& matcher, const base::Json& value);

std::optional<Address> parse_address(std::string_view text);
/// Letters of any script in lower case, each by itself (Unicode simple case mapping); `text` is UTF-8.
std::string fold_case(std::string_view text);

}  // namespace ow::rules
