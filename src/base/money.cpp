// See money.h.
#include "base/money.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/assert.h"

namespace ow::base {
namespace {

// ISO 4217, active currencies, by the decimals of their minor unit; each list ascends.
constexpr std::string_view kTwoDecimals =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF "
    "CHE "
    "CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD "
    "HNL "
    "HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU "
    "MUR "
    "MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG "
    "SEK "
    "SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST "
    "XCD "
    "YER ZAR ZMW ZWG ";
constexpr std::string_view kNoDecimals = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ";
constexpr std::string_view kThreeDecimals = "BHD IQD JOD KWD LYD OMR TND ";
constexpr std::string_view kFourDecimals = "CLF UYW ";

bool lists(std::string_view codes, std::string_view code) {
  for (std::size_t at = 0; at < codes.size(); at += 4) {
    if (codes.substr(at, 3) == code) return true;
  }
  return false;
}

/// -1 when unknown.
int decimals_of(std::string_view code) {
  if (code == "EUR" || lists(kTwoDecimals, code)) return 2;
  if (lists(kNoDecimals, code)) return 0;
  if (lists(kThreeDecimals, code)) return 3;
  return lists(kFourDecimals, code) ? 4 : -1;
}

void require_one_currency(const Money& left, const Money& right) {
  OW_ASSERT(left.currency == right.currency, "amounts of two currencies never meet");
}

tl::unexpected<Error> not_money(std::string_view text, std::string what) {
  constexpr std::size_t kShown = 40;
  const std::string_view dots = text.size() > kShown ? "..." : "";
  return fail(ErrorCode::malformed, "malformed_money",
              fmt::format("\"{}{}\" is no amount: {}.", text.substr(0, kShown), dots, what));
}

std::string_view take_digits(std::string_view& rest) {
  const std::size_t end = std::min(rest.find_first_not_of("0123456789"), rest.size());
  const std::string_view digits = rest.substr(0, end);
  rest.remove_prefix(end);
  return digits;
}

/// Appends the digits to a non-positive number (which reaches one further than a positive one).
bool append_digits(std::int64_t& negated, std::string_view digits) {
  for (const char digit : digits) {
    if (__builtin_mul_overflow(negated, 10, &negated)) return false;
    if (__builtin_sub_overflow(negated, digit - '0', &negated)) return false;
  }
  return true;
}

}  // namespace

int Currency::decimals() const {
  const int decimals = decimals_of(text());
  OW_ASSERT(decimals >= 0, "a currency is one of ISO 4217");
  return decimals;
}

Result<Currency> parse_currency(std::string_view text) {
  if (text.size() != 3 || decimals_of(text) < 0) {
    return fail(ErrorCode::malformed, "unknown_currency",
                "A currency must be a known ISO 4217 code in upper case, such as EUR.");
  }
  return Currency{{text[0], text[1], text[2]}};
}

Money operator+(Money left, Money right) {
  require_one_currency(left, right);
  OW_ASSERT(!__builtin_add_overflow(left.minor, right.minor, &left.minor), "a sum of money fits");
  return left;
}

Money operator-(Money left, Money right) {
  require_one_currency(left, right);
  OW_ASSERT(!__builtin_sub_overflow(left.minor, right.minor, &left.minor), "a difference of money fits");
  return left;
}

Money operator*(Money unit, std::int64_t quantity) {
  OW_ASSERT(!__builtin_mul_overflow(unit.minor, quantity, &unit.minor), "a multiple of money fits");
  return unit;
}

Result<Money> parse_money(std::string_view decimal, Currency currency) {
  std::string_view rest = decimal;
  const bool negative = rest.starts_with('-');
  if (negative) rest.remove_prefix(1);
  const std::string_view whole = take_digits(rest);
  std::string_view fraction;
  const bool point = rest.starts_with('.');
  if (point) {
    rest.remove_prefix(1);
    fraction = take_digits(rest);
  }
  const bool padded = whole.size() > 1 && whole.front() == '0';
  if (whole.empty() || padded || point == fraction.empty() || !rest.empty()) {
    return not_money(decimal, "it must be a decimal number such as 19.90, without an exponent");
  }
  const auto decimals = static_cast<std::size_t>(currency.decimals());
  if (fraction.size() > decimals) {
    return not_money(decimal, fmt::format("{} has at most {} decimals", currency.text(), decimals));
  }
  std::int64_t negated = 0;
  constexpr std::string_view kZeros = "0000";
  if (!append_digits(negated, whole) || !append_digits(negated, fraction) ||
      !append_digits(negated, kZeros.substr(0, decimals - fraction.size())) || (!negative && negated == INT64_MIN)) {
    return not_money(decimal, "it is too large");
  }
  return Money{negative ? negated : -negated, currency};
}

std::string to_decimal(Money amount) {
  const auto decimals = static_cast<std::size_t>(amount.currency.decimals());
  std::string digits = fmt::format_int(amount.minor).str();
  const std::size_t sign = amount.minor < 0 ? 1 : 0;
  if (decimals == 0) return digits;
  if (digits.size() - sign <= decimals) digits.insert(sign, decimals + 1 - (digits.size() - sign), '0');
  digits.insert(digits.size() - decimals, 1, '.');
  return digits;
}

}  // namespace ow::base
