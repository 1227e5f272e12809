// Which route a method and a path find.
#include "http/route_table.h"

#include <gtest/gtest.h>

namespace ow::http {
namespace {

Route route(std::string method, std::string pattern) {
  Route one;
  one.method = std::move(method);
  one.pattern = std::move(pattern);
  return one;
}

const RouteTable& table() {
  static const RouteTable kTable({route("GET", "/api/orders"), route("POST", "/api/orders"),
                                  route("GET", "/api/orders/{id}"), route("POST", "/api/orders/{order}/cancel"),
                                  route("GET", "/api/orders/newest"), route("DELETE", "/api/orders/{id}"),
                                  route("GET", "/"), route("PUT", "/a/{x}/b/{y}"), route("PUT", "/a/one/c")});
  return kTable;
}

std::optional<std::size_t> found(std::string_view method, std::string_view path) {
  const auto result = table().find(method, path);
  EXPECT_TRUE(result) << path;
  return result ? result->route : std::nullopt;
}

TEST(RouteTable, FindsByMethodAndPath) {
  EXPECT_EQ(found("GET", "/api/orders"), 0U);
  EXPECT_EQ(found("POST", "/api/orders"), 1U);
  EXPECT_EQ(found("POST", "/api/orders/ord_1/cancel"), 3U);
  EXPECT_EQ(found("GET", "/"), 6U);
}

TEST(RouteTable, PrefersALiteralButGoesBackToAParameter) {
  EXPECT_EQ(found("GET", "/api/orders/newest"), 4U);
  EXPECT_EQ(found("DELETE", "/api/orders/newest"), 5U);
  EXPECT_EQ(found("PUT", "/a/one/b/two"), 7U);
}

TEST(RouteTable, DecodesBySegmentSoThatAnEscapedSlashIsNone) {
  const auto result = table().find("GET", "/api/orders/a%2Fb%20c");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->route, 2U);
  EXPECT_EQ(result->values, std::vector<std::string>{"a/b c"});
  EXPECT_EQ(found("GET", "/%61pi/orders"), 0U);
}

TEST(RouteTable, GivesValuesInTheOrderOfThePattern) {
  EXPECT_EQ(table().find("PUT", "/a/1/b/2")->values, (std::vector<std::string>{"1", "2"}));
}

TEST(RouteTable, TakesASlashAtTheEndForAnotherPath) {
  EXPECT_EQ(found("GET", "/api/orders/"), std::nullopt);
  EXPECT_EQ(table().find("GET", "/api/orders/")->allow, "");
  EXPECT_EQ(table().find("GET", "//api/orders")->allow, "");
}

TEST(RouteTable, SaysWhatAPathAllowsWhenTheMethodIsAnother) {
  const auto result = table().find("PATCH", "/api/orders");
  EXPECT_EQ(result->route, std::nullopt);
  EXPECT_EQ(result->allow, "GET, HEAD, OPTIONS, POST");
}

TEST(RouteTable, RunsGetForHead) {
  EXPECT_EQ(found("HEAD", "/api/orders/ord_1"), 2U);
  EXPECT_EQ(found("HEAD", "/a/one/c"), std::nullopt);
}

TEST(RouteTable, RefusesAnEscapeThatCannotBeDecoded) { EXPECT_FALSE(table().find("GET", "/api/orders/%zz")); }

TEST(RouteTable, EndsAtTheBoundOfSegments) {
  std::string path;
  for (int i = 0; i < 10'000; ++i) path += "/a";
  EXPECT_EQ(found("GET", path), std::nullopt);
}

TEST(RouteTableDeath, TwoRoutesOfOneMethodAndPatternAreABrokenInvariant) {
  EXPECT_DEATH(RouteTable({route("GET", "/a/{x}"), route("GET", "/a/{y}")}), "one route");
}

}  // namespace
}  // namespace ow::http
