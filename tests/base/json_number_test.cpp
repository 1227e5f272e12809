// The exact value of a JSON number's text. Test thread only.
#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/json.h"
#include "tests/base/json_texts.h"

namespace ow::base {
namespace {

std::optional<std::int64_t> integer(std::string text) { return JsonNumber{std::move(text)}.integer(); }

TEST(JsonNumberTest, an_integer_counts_in_any_spelling) {
  EXPECT_EQ(integer("1e2"), 100);
  EXPECT_EQ(integer("100.0"), 100);
  EXPECT_EQ(integer("1.5e1"), 15);
  EXPECT_EQ(integer("1200e-2"), 12);
  EXPECT_EQ(integer("-0.0"), 0);
  EXPECT_EQ(integer("0e99999999999999999999"), 0);
  EXPECT_EQ(integer("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(integer("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(integer("-9.223372036854775808e18"), INT64_MIN);
}

TEST(JsonNumberTest, what_is_no_integer_in_range_is_none) {
  for (const char* text : {"1.5", "1e-1", "9223372036854775808", "-9223372036854775809", "1e19",
                           "1e99999999999999999999", "1e-99999999999999999999"}) {
    EXPECT_EQ(integer(text), std::nullopt) << text;
  }
}

TEST(JsonNumberTest, comparison_is_exact) {
  EXPECT_EQ(compare_numbers("1", "1.000"), 0);
  EXPECT_EQ(compare_numbers("-0", "0e5"), 0);
  EXPECT_LT(compare_numbers("1", "1.000000000000000000000001"), 0);
  EXPECT_GT(compare_numbers("-1", "-1.000000000000000000000001"), 0);
  EXPECT_GT(compare_numbers("9007199254740993", "9007199254740992"), 0);
  EXPECT_LT(compare_numbers("9e2", "1e3"), 0);
  EXPECT_LT(compare_numbers("-1e3", "0.001"), 0);
}

TEST(JsonNumberTest, doubles_are_written_shortest_and_read_back) {
  EXPECT_EQ(Json(0.1).as_number().text, "0.1");
  EXPECT_EQ(Json(-2.5e300).as_number().text, "-2.5e+300");
  EXPECT_EQ(Json(3.0).as_number().text, "3");
  EXPECT_TRUE(std::isinf(JsonNumber{"-1e400"}.to_double()));
  EXPECT_LT(JsonNumber{"-1e400"}.to_double(), 0);
  EXPECT_EQ(JsonNumber{"1e-400"}.to_double(), 0.0);
}

RC_GTEST_PROP(JsonNumberTest, an_integer_reads_back, (std::int64_t value)) {
  RC_ASSERT(Json(value).as_number().integer() == value);
  RC_ASSERT(integer(std::to_string(value) + ".00e0") == value);
}

RC_GTEST_PROP(JsonNumberTest, a_double_reads_back, (double value)) {
  RC_PRE(std::isfinite(value));
  const auto again = parse_json(to_text(Json(value)));
  RC_ASSERT(again.has_value());
  RC_ASSERT(again->as_number().to_double() == value);
}

RC_GTEST_PROP(JsonNumberTest, integers_compare_as_integers, (std::int64_t left, std::int64_t right)) {
  const int order = compare_numbers(std::to_string(left), std::to_string(right) + ".0");
  RC_ASSERT((order < 0) == (left < right));
  RC_ASSERT((order == 0) == (left == right));
}

RC_GTEST_PROP(JsonNumberTest, comparison_is_antisymmetric_and_agrees_with_doubles, ()) {
  const auto left = *json_number_texts(), right = *json_number_texts();
  const int order = compare_numbers(left, right);
  RC_ASSERT(compare_numbers(right, left) == -order);
  const double a = JsonNumber{left}.to_double(), b = JsonNumber{right}.to_double();
  if (a < b) RC_ASSERT(order < 0);
  if (a > b) RC_ASSERT(order > 0);
}

/// Numbers as prices are written, of up to 13 digits before the point and 7 behind it.
std::string decimal_text() {
  const auto whole = *rc::gen::element<std::int64_t>(0, 1, 12, 999'999'999'999, 1'000'000'000'000, 9'999'999'999'999);
  const auto places = *rc::gen::inRange(0, 8);
  auto text = std::string(*rc::gen::arbitrary<bool>() ? "-" : "") + std::to_string(whole);
  if (places > 0)
    text += "." + *rc::gen::container<std::string>(static_cast<std::size_t>(places), rc::gen::element('0', '1', '9'));
  return text;
}

RC_GTEST_PROP(JsonNumberTest, an_exponent_of_nothing_changes_no_comparison, ()) {
  const auto left = decimal_text(), right = decimal_text();
  RC_ASSERT(compare_numbers(left, right) == compare_numbers(left + "e0", right + "e0"));
}

}  // namespace
}  // namespace ow::base
