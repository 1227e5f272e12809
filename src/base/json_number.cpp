// Numbers of json.h: their exact decimal value from their text.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/assert.h"
#include "base/json.h"

namespace ow::base {
namespace {

/// 0.digits * 10^point, negated if so; zero has no digits. Digits neither start nor end with 0.
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t point = 0;
};

/// Exponents past this (in either direction) are taken as this; no text that fits a body gets near.
constexpr std::int64_t kExponentMax = 1'000'000'000'000'000'000;

std::int64_t read_exponent(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  std::int64_t value = 0;
  for (const char digit : text) value = std::min(value * 10 + (digit - '0'), kExponentMax / 10);
  return negative ? -value : value;
}

Decimal read_decimal(std::string_view text) {
  Decimal number;
  number.negative = text.starts_with('-');
  if (number.negative) text.remove_prefix(1);
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  if (e < text.size()) number.point = read_exponent(text.substr(e + 1));
  const std::string_view mantissa = text.substr(0, e);
  const std::size_t dot = std::min(mantissa.find('.'), mantissa.size());
  number.digits.reserve(mantissa.size());
  number.digits = mantissa.substr(0, dot);
  if (dot < mantissa.size()) number.digits += mantissa.substr(dot + 1);
  const std::size_t zeros = std::min(number.digits.find_first_not_of('0'), number.digits.size());
  number.digits.erase(0, zeros);
  number.digits.erase(number.digits.find_last_not_of('0') + 1);
  number.point += static_cast<std::int64_t>(dot) - static_cast<std::int64_t>(zeros);
  if (number.digits.empty()) return {};
  return number;
}

int sign(const Decimal& number) {
  if (number.digits.empty()) return 0;
  return number.negative ? -1 : 1;
}

template <typename T>
int order(const T& left, const T& right) {
  if (left == right) return 0;
  return left < right ? -1 : 1;
}

/// The number in millionths where that is exact and fits, as it is for prices, counts and times.
std::optional<std::int64_t> in_millionths(std::string_view text) {
  constexpr std::size_t kWholeMax = 12, kPlaces = 6;
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::size_t dot = std::min(text.find('.'), text.size());
  const std::size_t places = text.size() - std::min(dot + 1, text.size());
  if (dot > kWholeMax || places > kPlaces) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (c == '.') continue;
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  for (auto place = places; place < kPlaces; ++place) value *= 10;
  return negative ? -value : value;
}

std::optional<std::int64_t> read_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::int64_t> JsonNumber::integer() const {
  if (text.find_first_of(".eE") == std::string::npos) return read_integer(text);
  const Decimal number = read_decimal(text);
  if (number.digits.empty()) return 0;
  const auto count = static_cast<std::int64_t>(number.digits.size());
  constexpr std::int64_t kInt64Digits = 19;
  if (number.point < count || number.point > kInt64Digits) return std::nullopt;
  std::string whole = number.negative ? "-" : "";
  whole += number.digits;
  whole.append(static_cast<std::size_t>(number.point - count), '0');
  return read_integer(whole);
}

double JsonNumber::to_double() const {
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc::result_out_of_range) return value;
  const Decimal number = read_decimal(text);
  const double far = number.point > 0 ? std::numeric_limits<double>::infinity() : 0.0;
  return number.negative ? -far : far;
}

Json::Json(double value) {
  OW_ASSERT(std::isfinite(value), "JSON has no infinity and no NaN");
  char text[32];
  const auto [end, failure] = std::to_chars(text, text + sizeof text, value);
  OW_ASSERT(failure == std::errc(), "a double fits 32 characters");
  value_ = JsonNumber{std::string(text, end)};
}

int compare_numbers(std::string_view left, std::string_view right) {
  if (left == right) return 0;
  const auto left_plain = in_millionths(left), right_plain = in_millionths(right);
  if (left_plain && right_plain) return order(*left_plain, *right_plain);
  const Decimal a = read_decimal(left), b = read_decimal(right);
  if (sign(a) != sign(b)) return order(sign(a), sign(b));
  const int magnitude = a.point != b.point ? order(a.point, b.point) : order(a.digits, b.digits);
  return a.negative ? -magnitude : magnitude;
}

}  // namespace ow::base
