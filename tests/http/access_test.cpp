// Bearer tokens, loopback and roles.
#include "http/access.h"

#include <gtest/gtest.h>

#include "http/edge_world.h"

namespace ow::http {
namespace {

Response whoami(const RequestContext& context) {
  return Response::json(200, context.principal ? base::Json(context.principal->user.text) : base::Json());
}

class Access : public ::testing::Test {
 protected:
  Access() {
    const auto handle = [](const RequestContext& context) { return Reply{whoami(context)}; };
    world.route("GET", "/open", http::Access::open, handle);
    world.route("GET", "/mine", http::Access::signed_in, handle);
    world.route("GET", "/ops", http::Access::operators, handle);
    world.route("GET", "/metrics", http::Access::loopback_or_operators, handle);
    world.route("GET", "/admins", http::Access::admins, handle);
    world.route("GET", "/orders", http::Access::signed_in, handle).scope = "orders:read";
    world
        .route("GET", "/queues", http::Access::operators,
               [](const RequestContext& context) {
                 return Reply{Response::json(200, base::Json(context.principal->has("operator")))};
               })
        .scope = "queues:read";
  }
  int status(const Ask& ask) { return world.send(ask).status; }
  EdgeWorld world;
};

TEST_F(Access, ChallengesWhoSendsNoToken) {
  const Response response = world.send(Ask("GET", "/mine"));
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(header(response, "WWW-Authenticate"), "Bearer realm=\"orderwright\"");
  EXPECT_EQ(body_of(response).string_at("error"), "missing_token");
}

TEST_F(Access, SaysWhyATokenIsRefused) {
  const Response response = world.send(Ask("GET", "/mine").as("expired"));
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(header(response, "WWW-Authenticate"),
            "Bearer realm=\"orderwright\", error=\"invalid_token\", error_description=\"The token 'expired'.\"");
  EXPECT_EQ(body_of(response).string_at("error"), "token_expired");
}

TEST_F(Access, TakesTheSchemeInAnyCase) {
  EXPECT_EQ(world.send(Ask("GET", "/mine").with("authorization", "bEARER  alice")).body, "\"alice\"");
}

TEST_F(Access, RefusesOtherSchemesRepeatedLinesAndGarbledTokens) {
  EXPECT_EQ(status(Ask("GET", "/mine").with("authorization", "Basic YTpi")), 401);
  EXPECT_EQ(status(Ask("GET", "/mine").with("authorization", "Bearer ")), 401);
  EXPECT_EQ(status(Ask("GET", "/mine").with("authorization", "Bearer a b")), 401);
  EXPECT_EQ(status(Ask("GET", "/mine").as("alice").as("alice")), 401);
  EXPECT_EQ(status(Ask("GET", "/mine").as(std::string(base::bounds::kTokenBytesMax + 1, 'a'))), 401);
}

TEST_F(Access, NamesTheCallerOnOpenRoutesAndIgnoresABadTokenThere) {
  EXPECT_EQ(world.send(Ask("GET", "/open")).body, "null");
  EXPECT_EQ(world.send(Ask("GET", "/open").as("alice")).body, "\"alice\"");
  EXPECT_EQ(world.send(Ask("GET", "/open").as("expired")).body, "null");
}

TEST_F(Access, LetsOperatorsAndAdminsPast) {
  EXPECT_EQ(status(Ask("GET", "/ops").as("alice")), 403);
  EXPECT_EQ(status(Ask("GET", "/ops").as("oscar.operator")), 200);
  EXPECT_EQ(status(Ask("GET", "/ops").as("ada.admin")), 200);
}

TEST_F(Access, LetsLoopbackPastUnlessItSpeaksForSomebodyElse) {
  for (const char* peer : {"127.0.0.1", "127.8.8.8:1234", "::1", "[::1]:1234", "::ffff:127.0.0.1"}) {
    EXPECT_EQ(status(Ask("GET", "/metrics").from(peer)), 200) << peer;
  }
  for (const char* peer : {"10.0.0.1", "", "1.127.0.0", "::2", "[fe80::1]:80", "::ffff:10.0.0.1"}) {
    EXPECT_EQ(status(Ask("GET", "/metrics").from(peer)), 401) << peer;
  }
  EXPECT_EQ(status(Ask("GET", "/metrics").with("x-forwarded-for", "8.8.8.8")), 401);
  EXPECT_EQ(status(Ask("GET", "/metrics").from("10.0.0.1").as("oscar.operator")), 200);
  EXPECT_EQ(status(Ask("GET", "/metrics").from("10.0.0.1").as("alice")), 403);
}

TEST_F(Access, AdminRoutesAreForAdminsOnly) {
  EXPECT_EQ(status(Ask("GET", "/admins").as("ada.admin")), 200);
  EXPECT_EQ(status(Ask("GET", "/admins").as("oscar.operator")), 403);
  EXPECT_EQ(status(Ask("GET", "/admins").as("alice")), 403);
  EXPECT_EQ(status(Ask("GET", "/admins")), 401);
}

TEST_F(Access, AKeyMayDoWhatItsScopesOpenAndCountsAsAnOperatorThere) {
  EXPECT_EQ(status(Ask("GET", "/orders").as("key~orders.read")), 200);
  EXPECT_EQ(world.send(Ask("GET", "/queues").as("key~queues.read")).body, "true");
  const Response without = world.send(Ask("GET", "/queues").as("key~orders.read"));
  EXPECT_EQ(without.status, 403);
  EXPECT_EQ(body_of(without).string_at("error"), "scope_missing");
  EXPECT_EQ(body_of(without).string_at("message"), "This needs an API key with the scope queues:read.");
}

TEST_F(Access, AKeyMayNotDoWhatNamesNoScope) {
  const Response response = world.send(Ask("GET", "/mine").as("key~orders.read"));
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(body_of(response).string_at("error"), "api_key_refused");
  EXPECT_EQ(status(Ask("GET", "/admins").as("key~orders.read")), 403);
}

TEST_F(Access, AKeyHasARateOfItsOwn) {
  int taken = 0;
  for (int i = 0; i < 10; ++i) taken += status(Ask("GET", "/orders").as("key~orders.read~3")) == 200;
  EXPECT_EQ(taken, 3);
}

}  // namespace
}  // namespace ow::http
