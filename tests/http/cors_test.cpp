// Cross-origin requests by configuration.
#include <gtest/gtest.h>

#include "http/edge_world.h"

namespace ow::http {
namespace {

class Cors : public ::testing::Test {
 protected:
  Cors() {
    world.route("GET", "/open", Access::open, [](const RequestContext&) { return Reply{Response::json(200, 1)}; });
    world.route("POST", "/open", Access::signed_in, [](const RequestContext&) { return Reply{}; });
    world.options.cors_origins = {"https://shop.example"};
  }
  Ask preflight(std::string origin) {
    return Ask("OPTIONS", "/open").with("origin", std::move(origin)).with("access-control-request-method", "POST");
  }
  EdgeWorld world;
};

TEST_F(Cors, LetsAConfiguredOriginReadTheAnswer) {
  const Response response = world.send(Ask("GET", "/open").with("origin", "https://shop.example"));
  EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), "https://shop.example");
  EXPECT_EQ(header(response, "Vary"), "Origin");
  EXPECT_NE(header(response, "Access-Control-Expose-Headers").value_or("").find("X-Request-Id"), std::string::npos);
}

TEST_F(Cors, TellsNothingToOtherOrigins) {
  const Response response = world.send(Ask("GET", "/open").with("origin", "https://shop.example.evil"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), std::nullopt);
  EXPECT_EQ(header(response, "Vary"), "Origin");
  EXPECT_EQ(header(world.send(preflight("https://evil.example")), "Access-Control-Allow-Methods"), std::nullopt);
}

TEST_F(Cors, AnswersAPreflightWithoutAToken) {
  const Response response = world.send(preflight("https://shop.example"));
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), "https://shop.example");
  EXPECT_EQ(header(response, "Access-Control-Allow-Methods"), "GET, HEAD, OPTIONS, POST");
  EXPECT_NE(header(response, "Access-Control-Allow-Headers").value_or("").find("idempotency-key"), std::string::npos);
}

TEST_F(Cors, IsOffUnlessConfigured) {
  world.options.cors_origins = {};
  const Response response = world.send(Ask("GET", "/open").with("origin", "https://shop.example"));
  EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), std::nullopt);
  EXPECT_EQ(header(response, "Vary"), std::nullopt);
}

TEST_F(Cors, AnswersPlainOptionsWithTheMethodsOfThePath) {
  EXPECT_EQ(header(world.send(Ask("OPTIONS", "/open")), "Allow"), "GET, HEAD, OPTIONS, POST");
  EXPECT_EQ(world.send(Ask("OPTIONS", "/nowhere")).status, 404);
  EXPECT_EQ(world.send(Ask("OPTIONS", "*")).status, 204);
}

}  // namespace
}  // namespace ow::http
