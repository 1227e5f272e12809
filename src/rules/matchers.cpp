// See matchers.h.
#include "rules/matchers.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/wildcard.h"

namespace ow::rules {
namespace {

using base::Json;

bool same_scalar(const Json& left, const Json& right) {
  if (left.is_number() && right.is_number()) {
    return base::compare_numbers(left.as_number().text, right.as_number().text) == 0;
  }
  return left == right;
}

bool matches_one(const ExactMatcher& matcher, const Json& value) { return same_scalar(matcher.value, value); }

bool matches_one(const TextMatcher& matcher, const Json& value) {
  if (!value.is_string()) return false;
  std::string lowered;
  std::string_view text = value.as_string();
  if (matcher.ignore_case) {
    lowered = lower_case(text);
    text = lowered;
  }
  switch (matcher.test) {
    case TextTest::prefix:
      return text.starts_with(matcher.text);
    case TextTest::suffix:
      return text.ends_with(matcher.text);
    case TextTest::equals:
      return text == matcher.text;
    case TextTest::wildcard:
      return base::matches_wildcard(matcher.text, text);
  }
  return false;
}

bool matches_one(const NumericMatcher& matcher, const Json& value) {
  if (!value.is_number()) return false;
  const auto& number = value.as_number().text;
  if (matcher.low) {
    const int order = base::compare_numbers(number, *matcher.low);
    if (order < 0 || (order == 0 && !matcher.low_included)) return false;
  }
  if (matcher.high) {
    const int order = base::compare_numbers(number, *matcher.high);
    if (order > 0 || (order == 0 && !matcher.high_included)) return false;
  }
  return true;
}

bool matches_one(const ExistsMatcher& matcher, const Json&) { return matcher.expected; }

bool matches_one(const CidrMatcher& matcher, const Json& value) {
  if (!value.is_string()) return false;
  const auto address = parse_address(value.as_string());
  if (!address || address->size != matcher.network.size) return false;
  for (int bit = 0; bit < matcher.prefix_bits; ++bit) {
    const auto at = static_cast<std::size_t>(bit / 8);
    if (((address->bytes[at] ^ matcher.network.bytes[at]) >> (7 - bit % 8) & 1) != 0) return false;
  }
  return true;
}

bool matches_one(const AnythingButMatcher& matcher, const Json& value) {
  return std::none_of(matcher.refused.begin(), matcher.refused.end(), [&value](const PlainMatcher& refused) {
    return std::visit([&value](const auto& plain) { return matches_one(plain, value); }, refused);
  });
}

}  // namespace

bool matches(const Matcher& matcher, const Json& value) {
  return std::visit([&value](const auto& each) { return matches_one(each, value); }, matcher);
}

std::optional<Address> parse_address(std::string_view text) {
  const std::string terminated(text);
  Address address;
  address.size = terminated.find(':') == std::string::npos ? 4 : 16;
  const int family = address.size == 4 ? AF_INET : AF_INET6;
  if (terminated.size() != std::char_traits<char>::length(terminated.c_str())) return std::nullopt;
  if (inet_pton(family, terminated.c_str(), address.bytes.data()) != 1) return std::nullopt;
  return address;
}

std::string lower_case(std::string_view text) {
  std::string lowered(text);
  for (auto& c : lowered) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lowered;
}

}  // namespace ow::rules
