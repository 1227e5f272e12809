// What a pattern matches and what it refuses.
#include "rules/pattern.h"

#include <gtest/gtest.h>

namespace ow::rules {
namespace {

bool matches(std::string_view pattern, std::string_view event) {
  const auto compiled = Pattern::compile_text(pattern);
  EXPECT_TRUE(compiled.has_value()) << (compiled ? "" : compiled.error().message);
  return compiled && compiled->match(*base::parse_json(event));
}

std::string refusal(std::string_view pattern) {
  const auto compiled = Pattern::compile_text(pattern);
  return compiled ? "accepted" : compiled.error().message;
}

TEST(Pattern, MatchesOneOfTheListedValues) {
  EXPECT_TRUE(matches(R"({"status":["a","b"]})", R"({"status":"b","other":1})"));
  EXPECT_FALSE(matches(R"({"status":["a","b"]})", R"({"status":"c"})"));
}

TEST(Pattern, NeedsEveryMember) {
  EXPECT_FALSE(matches(R"({"a":[1],"b":[2]})", R"({"a":1})"));
  EXPECT_TRUE(matches(R"({"a":[1],"b":[2]})", R"({"a":1,"b":2})"));
}

TEST(Pattern, ComparesNumbersByValue) {
  EXPECT_TRUE(matches(R"({"a":[300]})", R"({"a":3.0e2})"));
  EXPECT_FALSE(matches(R"({"a":[300]})", R"({"a":"300"})"));
}

TEST(Pattern, TellsNullFromAbsent) {
  EXPECT_TRUE(matches(R"({"a":[null]})", R"({"a":null})"));
  EXPECT_FALSE(matches(R"({"a":[null]})", R"({})"));
  EXPECT_TRUE(matches(R"({"a":[{"exists":false}]})", R"({})"));
  EXPECT_TRUE(matches(R"({"a":[{"exists":true}]})", R"({"a":null})"));
}

TEST(Pattern, LooksForExistenceAtLeavesOnly) {
  EXPECT_FALSE(matches(R"({"a":[{"exists":true}]})", R"({"a":{"b":1}})"));
}

TEST(Pattern, AnythingButNeedsAValue) {
  EXPECT_TRUE(matches(R"({"a":[{"anything-but":"x"}]})", R"({"a":"y"})"));
  EXPECT_FALSE(matches(R"({"a":[{"anything-but":"x"}]})", R"({})"));
  EXPECT_FALSE(matches(R"({"a":[{"anything-but":["x","y"]}]})", R"({"a":"y"})"));
}

TEST(Pattern, NumericBoundsMayBeOpenOrClosed) {
  EXPECT_TRUE(matches(R"({"a":[{"numeric":[">",0,"<=",5]}]})", R"({"a":5})"));
  EXPECT_FALSE(matches(R"({"a":[{"numeric":[">",0,"<=",5]}]})", R"({"a":0})"));
  EXPECT_TRUE(matches(R"({"a":[{"numeric":["=",0.1]}]})", R"({"a":0.10})"));
}

TEST(Pattern, AppliesToAnyItemOfAnArray) { EXPECT_TRUE(matches(R"({"a":[{"prefix":"x"}]})", R"({"a":["y","xz"]})")); }

TEST(Pattern, MatchesFieldsBelowOneArrayWithinOneItem) {
  const auto* pattern = R"({"lines":{"sku":["a"],"quantity":[2]}})";
  EXPECT_TRUE(matches(pattern, R"({"lines":[{"sku":"b","quantity":1},{"sku":"a","quantity":2}]})"));
  EXPECT_FALSE(matches(pattern, R"({"lines":[{"sku":"a","quantity":1},{"sku":"b","quantity":2}]})"));
}

TEST(Pattern, TakesOneAlternativeOfAnOr) {
  const auto* pattern = R"({"source":["s"],"$or":[{"a":[1]},{"b":[2]}]})";
  EXPECT_TRUE(matches(pattern, R"({"source":"s","b":2})"));
  EXPECT_FALSE(matches(pattern, R"({"source":"s","a":2})"));
}

TEST(Pattern, MatchesAddressesOfANetwork) {
  EXPECT_TRUE(matches(R"({"ip":[{"cidr":"10.0.0.0/9"}]})", R"({"ip":"10.127.0.1"})"));
  EXPECT_FALSE(matches(R"({"ip":[{"cidr":"10.0.0.0/9"}]})", R"({"ip":"10.128.0.1"})"));
  EXPECT_TRUE(matches(R"({"ip":[{"cidr":"2001:db8::/32"}]})", R"({"ip":"2001:db8:1::1"})"));
}

TEST(Pattern, WildcardsMayBeEscaped) {
  EXPECT_TRUE(matches(R"({"a":[{"wildcard":"a*\\*b"}]})", R"({"a":"axx*b"})"));
  EXPECT_FALSE(matches(R"({"a":[{"wildcard":"a*\\*b"}]})", R"({"a":"axxb"})"));
}

TEST(Pattern, RefusalsNamePlaceAndReason) {
  EXPECT_EQ(refusal("{}"), "the pattern: an object must not be empty");
  EXPECT_EQ(refusal(R"({"a":[]})"), "a: an array must not be empty");
  EXPECT_EQ(refusal(R"({"a":{"b":{}}})"), "a.b: an object must not be empty");
  EXPECT_EQ(refusal(R"({"a":"x"})"), "a: must be an object or an array");
  EXPECT_EQ(refusal(R"({"a":[{"near":1}]})"), "a[0].near: is not an operator");
  EXPECT_EQ(refusal(R"({"a":[1,{"wildcard":"a**b"}]})"), "a[1].wildcard: two * in a row are not allowed");
  EXPECT_EQ(refusal(R"({"a":[{"wildcard":"a\\b"}]})"), "a[0].wildcard: a backslash may stand before * and \\ only");
  EXPECT_EQ(refusal(R"({"a":[{"numeric":[">",5,"<",1]}]})"),
            "a[0].numeric: the low end of a range must be below its high end");
  EXPECT_EQ(refusal("{").substr(0, 21), "the pattern: not JSON");
}

TEST(Pattern, RefusesWhatNoOperatorTakes) {
  for (const auto* pattern :
       {R"({"a":[{"prefix":1}]})", R"({"a":[{"prefix":"a","suffix":"b"}]})", R"({"a":[{}]})", R"({"a":[["b"]]})",
        R"({"a":[{"anything-but":[]}]})", R"({"a":[{"anything-but":["a",1]}]})",
        R"({"a":[{"anything-but":{"prefix":""}}]})", R"({"a":[{"numeric":["~",1]}]})",
        R"({"a":[{"numeric":["<",1,">",0]}]})", R"({"a":[{"numeric":[]}]})", R"({"a":[{"exists":"yes"}]})",
        R"({"a":[{"cidr":"10.0.0.0/33"}]})", R"({"a":[{"cidr":"10.0.0.0"}]})", "[]"}) {
    EXPECT_NE(refusal(pattern), "accepted") << pattern;
  }
}

}  // namespace
}  // namespace ow::rules
