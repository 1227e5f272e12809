// Exact money: an integer of minor units and a currency. A double is never money.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ow::base {

/// ISO 4217 alphabetic code, upper case.
struct Currency {
  char code[3] = {'E', 'U', 'R'};

  auto operator<=>(const Currency&) const = default;
  std::string_view text() const { return {code, 3}; }
  /// Decimals of the minor unit (ISO 4217): EUR 2, JPY 0, KWD 3.
  int decimals() const;
};

/// Error malformed when `text` is no currency that this build knows.
Result<Currency> parse_currency(std::string_view text);

/// Minor units (cents) in one currency. Arithmetic is checked: overflow is a broken invariant, so bounds are
/// enforced on input (bounds.h). Amounts of two currencies never meet.
struct Money {
  std::int64_t minor = 0;
  Currency currency;

  auto operator<=>(const Money&) const = default;
};

Money operator+(Money left, Money right);
Money operator-(Money left, Money right);
Money operator*(Money unit, std::int64_t quantity);

/// Decimal text as JSON would write a number ("19.90", "5", "1e2" is refused) with at most the currency's
/// decimals. Error malformed naming what is wrong.
Result<Money> parse_money(std::string_view decimal, Currency currency);

/// "19.90": always the currency's decimals; a valid JSON number.
std::string to_decimal(Money amount);

}  // namespace ow::base
