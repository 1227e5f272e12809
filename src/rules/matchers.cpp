// See matchers.h.
#include "rules/matchers.h"

#include <arpa/inet.h>
#include <locale.h>
#include <wctype.h>

#include <algorithm>

#include "base/wildcard.h"

namespace ow::rules {
namespace {

using base::Json;

/// Bytes of the UTF-8 character that begins so.
std::size_t char_size(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

char32_t decode_char(std::string_view bytes) {
  char32_t code = static_cast<unsigned char>(bytes.front()) & (0x7fU >> bytes.size());
  for (const char byte : bytes.substr(1)) code = code << 6 | (static_cast<unsigned char>(byte) & 0x3fU);
  return code;
}

void append_char(std::string& text, char32_t code) {
  const auto tail = [&](unsigned shift) { text += static_cast<char>(0x80U | ((code >> shift) & 0x3fU)); };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xc0U | code >> 6);
    tail(0);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xe0U | code >> 12);
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xf0U | code >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

/// The C library's own UTF-8 locale: the same mapping whatever the machine's settings are.
char32_t lower_char(char32_t code) {
  static const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return utf8 == nullptr ? code : static_cast<char32_t>(::towlower_l(static_cast<wint_t>(code), utf8));
}

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
    lowered = fold_case(text);
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

std::string fold_case(std::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto size = char_size(text[at]);
    if (size == 1) {
      const char c = text[at];
      folded += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    } else {
      append_char(folded, lower_char(decode_char(text.substr(at, size))));
    }
    at += size;
  }
  return folded;
}

}  // namespace ow::rules
