// See matcher_parser.h.
#include "rules/matcher_parser.h"

#include <algorithm>
#include <charconv>

namespace ow::rules {
namespace {

using base::Json;
using base::Result;

constexpr std::array<std::string_view, 9> kOperators = {
    "exists", "prefix", "suffix", "equals-ignore-case", "wildcard", "anything-but", "numeric", "cidr", "exactly"};

tl::unexpected<base::Error> refuse(const std::string& place, std::string_view why) {
  return base::fail(base::ErrorCode::malformed, "invalid_pattern", place + ": " + std::string(why));
}

bool has_bad_escape(std::string_view pattern) {
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] != '\\') continue;
    ++at;
    if (at == pattern.size() || (pattern[at] != '*' && pattern[at] != '\\')) return true;
  }
  return false;
}

bool has_double_star(std::string_view pattern) {
  for (std::size_t at = 0; at + 1 < pattern.size(); ++at) {
    if (pattern[at] == '\\') {
      ++at;
    } else if (pattern[at] == '*' && pattern[at + 1] == '*') {
      return true;
    }
  }
  return false;
}

Result<TextMatcher> parse_wildcard(const Json& value, const std::string& place) {
  if (!value.is_string()) return refuse(place, "a wildcard must be a text");
  if (has_bad_escape(value.as_string())) return refuse(place, "a backslash may stand before * and \\ only");
  if (has_double_star(value.as_string())) return refuse(place, "two * in a row are not allowed");
  return TextMatcher{TextTest::wildcard, false, value.as_string()};
}

Result<TextMatcher> parse_text_test(std::string_view name, const Json& value, const std::string& place) {
  if (name == "wildcard") return parse_wildcard(value, place);
  if (name == "equals-ignore-case") {
    if (!value.is_string()) return refuse(place, "equals-ignore-case must be a text");
    return TextMatcher{TextTest::equals, true, fold_case(value.as_string())};
  }
  const auto test = name == "prefix" ? TextTest::prefix : TextTest::suffix;
  if (value.is_string()) return TextMatcher{test, false, value.as_string()};
  const bool nested = value.is_object() && value.as_object().size() == 1;
  const auto ignoring = nested ? value.string_at("equals-ignore-case") : std::nullopt;
  if (!ignoring) return refuse(place, "must be a text or {\"equals-ignore-case\": text}");
  return TextMatcher{test, true, fold_case(*ignoring)};
}

bool is_in_range(const Json& number) {
  return number.is_number() && base::compare_numbers(number.as_number().text, "5000000000") <= 0 &&
         base::compare_numbers(number.as_number().text, "-5000000000") >= 0;
}

/// One bound of a numeric range; false when the operator sets it twice or is unknown.
bool set_bound(NumericMatcher& matcher, std::string_view op, const std::string& number) {
  const bool equals = op == "=";
  const bool low = op == ">" || op == ">=";
  const bool high = op == "<" || op == "<=";
  if ((!equals && !low && !high) || ((equals || low) && matcher.low) || ((equals || high) && matcher.high))
    return false;
  if (equals || low) {
    matcher.low = number;
    matcher.low_included = op != ">";
  }
  if (equals || high) {
    matcher.high = number;
    matcher.high_included = op != "<";
  }
  return true;
}

Result<NumericMatcher> parse_numeric(const Json& value, const std::string& place) {
  const bool sized = value.is_array() && (value.as_array().size() == 2 || value.as_array().size() == 4);
  if (!sized) return refuse(place, "numeric must be [operator, number] or [operator, number, operator, number]");
  NumericMatcher matcher;
  const auto& items = value.as_array();
  for (std::size_t at = 0; at < items.size(); at += 2) {
    if (!items[at].is_string()) return refuse(place, "expected one of = < <= > >=");
    if (!is_in_range(items[at + 1])) return refuse(place, "expected a number from -5e9 to 5e9");
    if (items.size() == 4 && (at == 0) != items[at].as_string().starts_with('>')) {
      return refuse(place, "a range must be > or >= its low end, then < or <= its high end");
    }
    if (!set_bound(matcher, items[at].as_string(), items[at + 1].as_number().text)) {
      return refuse(place, "expected one of = < <= > >=");
    }
  }
  if (items.size() == 4 && base::compare_numbers(*matcher.low, *matcher.high) >= 0) {
    return refuse(place, "the low end of a range must be below its high end");
  }
  return matcher;
}

Result<CidrMatcher> parse_cidr(const Json& value, const std::string& place) {
  const std::string text = value.is_string() ? value.as_string() : std::string();
  const auto slash = text.find('/');
  const auto address = slash == std::string::npos ? std::nullopt : parse_address(text.substr(0, slash));
  if (!address) return refuse(place, "cidr must be an address, a slash and a number of bits");
  int bits = -1;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + slash + 1, end, bits);
  if (parsed.ec != std::errc() || parsed.ptr != end || bits < 0 || bits > static_cast<int>(address->size) * 8) {
    return refuse(place, "the bits of a cidr must fit its address");
  }
  return CidrMatcher{*address, bits};
}

bool is_text_test(std::string_view name) {
  return name == "prefix" || name == "suffix" || name == "equals-ignore-case" || name == "wildcard";
}

std::vector<Json> one_or_many(const Json& value) {
  return value.is_array() ? value.as_array() : std::vector<Json>{value};
}

Result<AnythingButMatcher> parse_refused_tests(const Json& value, const std::string& place) {
  const auto& [name, operand] = value.as_object().front();
  const auto here = place + "." + name;
  if (value.as_object().size() != 1 || !is_text_test(name))
    return refuse(place, "anything-but takes one text operator");
  AnythingButMatcher matcher;
  for (const auto& each : one_or_many(operand)) {
    auto test = parse_text_test(name, each, here);
    if (!test) return base::fail(std::move(test.error()));
    if (test->text.empty() && (name == "prefix" || name == "suffix")) return refuse(here, "must not be empty");
    matcher.refused.emplace_back(std::move(*test));
  }
  if (matcher.refused.empty()) return refuse(here, "must not be empty");
  return matcher;
}

Result<AnythingButMatcher> parse_anything_but(const Json& value, const std::string& place) {
  if (value.is_object() && !value.as_object().empty()) return parse_refused_tests(value, place);
  AnythingButMatcher matcher;
  const auto refused = one_or_many(value);
  for (const auto& each : refused) {
    if (!each.is_string() && !each.is_number()) return refuse(place, "anything-but takes texts or numbers");
    if (each.is_string() != refused.front().is_string())
      return refuse(place, "anything-but takes texts or numbers, not both");
    matcher.refused.emplace_back(ExactMatcher{each});
  }
  if (refused.empty()) return refuse(place, "anything-but must not be empty");
  return matcher;
}

template <typename T>
Result<Matcher> widen(Result<T> parsed) {
  if (!parsed) return base::fail(std::move(parsed.error()));
  return Matcher(std::move(*parsed));
}

}  // namespace

bool is_operator(std::string_view name) {
  return std::find(kOperators.begin(), kOperators.end(), name) != kOperators.end();
}

Result<Matcher> parse_matcher(const Json& item, const std::string& place) {
  if (item.is_array()) return refuse(place, "an array may not hold an array");
  if (!item.is_object()) return Matcher(ExactMatcher{item});
  if (item.as_object().size() != 1) return refuse(place, "must have exactly one operator");
  const auto& [name, value] = item.as_object().front();
  const auto here = place + "." + name;
  if (is_text_test(name)) return widen(parse_text_test(name, value, here));
  if (name == "numeric") return widen(parse_numeric(value, here));
  if (name == "cidr") return widen(parse_cidr(value, here));
  if (name == "anything-but") return widen(parse_anything_but(value, here));
  if (name == "exactly" && value.is_string()) return Matcher(ExactMatcher{value});
  if (name == "exactly") return refuse(here, "must be a text");
  if (name != "exists") return refuse(here, "is not an operator");
  if (!value.is_bool()) return refuse(here, "must be true or false");
  return Matcher(ExistsMatcher{value.as_bool()});
}

}  // namespace ow::rules
