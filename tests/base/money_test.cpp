// Exact money. Test thread only.
#include "base/money.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/json.h"

namespace ow::base {
namespace {

Currency currency(std::string_view code) { return parse_currency(code).value(); }

std::optional<std::int64_t> minor(std::string_view text, std::string_view code = "EUR") {
  const auto amount = parse_money(text, currency(code));
  return amount ? std::optional(amount->minor) : std::nullopt;
}

TEST(MoneyTest, decimals_become_minor_units) {
  EXPECT_EQ(minor("19.90"), 1990);
  EXPECT_EQ(minor("19.9"), 1990);
  EXPECT_EQ(minor("5"), 500);
  EXPECT_EQ(minor("0.01"), 1);
  EXPECT_EQ(minor("-0.5"), -50);
  EXPECT_EQ(minor("500", "JPY"), 500);
  EXPECT_EQ(minor("1.234", "KWD"), 1234);
  EXPECT_EQ(minor("92233720368547758.07"), INT64_MAX);
  EXPECT_EQ(minor("-92233720368547758.08"), INT64_MIN);
}

TEST(MoneyTest, what_is_not_exact_is_refused) {
  for (const char* text : {"", "-", "1e2", "1.", ".5", "01", "1.001", "1.000", "+1", " 1", "1 ", "0x1", "1,5", "1.5.5",
                           "92233720368547758.08", "-92233720368547758.09", "99999999999999999999999"}) {
    EXPECT_EQ(minor(text), std::nullopt) << text;
  }
  EXPECT_EQ(minor("1.0", "JPY"), std::nullopt);
}

TEST(MoneyTest, a_refusal_names_the_amount_and_the_rule) {
  EXPECT_EQ(parse_money("1.999", currency("EUR")).error().message,
            "\"1.999\" is no amount: EUR has at most 2 decimals.");
}

TEST(MoneyTest, amounts_print_with_all_decimals) {
  EXPECT_EQ(to_decimal({1990, {}}), "19.90");
  EXPECT_EQ(to_decimal({5, {}}), "0.05");
  EXPECT_EQ(to_decimal({-5, {}}), "-0.05");
  EXPECT_EQ(to_decimal({0, {}}), "0.00");
  EXPECT_EQ(to_decimal({500, currency("JPY")}), "500");
  EXPECT_EQ(to_decimal({1, currency("KWD")}), "0.001");
  EXPECT_EQ(to_decimal({INT64_MIN, {}}), "-92233720368547758.08");
}

TEST(MoneyTest, currencies_are_known_by_their_code) {
  EXPECT_EQ(currency("USD").decimals(), 2);
  EXPECT_EQ(currency("CLF").decimals(), 4);
  EXPECT_EQ(currency("ZWG").decimals(), 2);
  for (const char* text : {"", "eur", "EU", "EURO", "XXX", "UR ", " EU"}) EXPECT_FALSE(parse_currency(text)) << text;
}

TEST(MoneyTest, arithmetic_is_exact) {
  const Money unit{1990, {}};
  EXPECT_EQ((unit * 3 + unit - unit * 2).minor, 3980);
}

TEST(MoneyDeathTest, overflow_and_mixed_currencies_are_broken_invariants) {
  EXPECT_DEATH(static_cast<void>(Money{INT64_MAX, {}} + Money{1, {}}), "a sum of money fits");
  EXPECT_DEATH(static_cast<void>(Money{INT64_MAX, {}} * 2), "a multiple of money fits");
  EXPECT_DEATH(static_cast<void>(Money{1, {}} + Money{1, currency("USD")}), "two currencies never meet");
}

RC_GTEST_PROP(MoneyTest, what_is_printed_reads_back, (std::int64_t units)) {
  const auto code = *rc::gen::element<std::string>("EUR", "JPY", "KWD", "CLF");
  const Money amount{units, currency(code)};
  const auto text = to_decimal(amount);
  RC_ASSERT(parse_money(text, amount.currency) == amount);
  RC_ASSERT(parse_json(text).has_value());
}

}  // namespace
}  // namespace ow::base
