// Request targets, percent-encoding and query parameters.
#include "http/target.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/encoding.h"

namespace ow::http {
namespace {

TEST(Target, SplitsPathAndQuery) {
  const auto target = split_target("/api/orders?limit=3&cursor=a?b");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/api/orders");
  EXPECT_EQ(target->query, "limit=3&cursor=a?b");
}

TEST(Target, TakesTheAbsoluteFormToo) {
  EXPECT_EQ(split_target("http://shop.example:80/api?x=1")->path, "/api");
  EXPECT_EQ(split_target("https://shop.example")->path, "/");
  EXPECT_EQ(split_target("http://shop.example?x=1")->query, "x=1");
}

TEST(Target, RefusesWhatIsNoAbsolutePath) {
  for (const std::string_view target :
       {"", "api", "*", "shop.example:443", "?x", "/a b", "/a#b", "/\x7f", "/\xc3\xa4"}) {
    EXPECT_FALSE(split_target(target)) << target;
  }
}

TEST(Target, RefusesDotSegmentsHoweverTheyAreWritten) {
  for (const std::string_view target : {"/.", "/..", "/a/../b", "/a/%2e%2E/b", "/a/.%2e", "/%2e/a"}) {
    EXPECT_FALSE(split_target(target)) << target;
  }
  for (const std::string_view target : {"/...", "/.well-known/jwks.json", "/a/b..", "/a?x=..", "//", "/"}) {
    EXPECT_TRUE(split_target(target)) << target;
  }
}

TEST(PercentDecode, RefusesBadEscapesZeroBytesAndOtherEncodings) {
  for (const std::string_view text : {"%", "%4", "%zz", "a%0", "%00", "%ff", "%c3"}) {
    EXPECT_FALSE(percent_decode(text)) << text;
  }
  EXPECT_EQ(*percent_decode("a%20b+c%C3%a4"), "a b+c\xc3\xa4");
}

RC_GTEST_PROP(PercentDecode, GivesBackWhatWasEncodedOrRefusesWhatIsNoText, (const std::string& bytes)) {
  std::string encoded;
  for (const char c : bytes) encoded += '%' + base::to_hex({&c, 1});
  const auto decoded = percent_decode(encoded);
  RC_ASSERT(decoded.has_value() == (base::is_utf8(bytes) && bytes.find('\0') == std::string::npos));
  RC_ASSERT(!decoded || *decoded == bytes);
}

std::vector<std::string> violations_of(std::string_view query, const std::vector<Parameter>& declared) {
  const auto parsed = parse_query(query, declared);
  return parsed ? std::vector<std::string>{} : parsed.error().violations;
}

TEST(Query, DecodesNamesAndValues) {
  const std::vector<Parameter> declared{{"from", "", {}}, {"l\xc3\xa4nge", "", {}}, {"flag", "", {}}};
  const auto query = parse_query("from=2026-01-01T00:00:00%2B02:00&&l%C3%A4nge=a%26b&flag&", declared);
  ASSERT_TRUE(query);
  EXPECT_EQ(query->at("from"), "2026-01-01T00:00:00+02:00");
  EXPECT_EQ(query->at("l\xc3\xa4nge"), "a&b");
  EXPECT_EQ(query->at("flag"), "");
}

TEST(Query, NamesEveryParameterAtFault) {
  const std::vector<Parameter> declared{{"limit", "", {}}, {"after", "", {}, true}};
  EXPECT_EQ(violations_of("limit=1&colour=red&limit=1", declared),
            (std::vector<std::string>{"colour is not a known query parameter", "limit must not be repeated",
                                      "after is required"}));
  EXPECT_EQ(violations_of("after=", declared), std::vector<std::string>{});
}

}  // namespace
}  // namespace ow::http
