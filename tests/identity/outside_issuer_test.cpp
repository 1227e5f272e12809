// An issuer elsewhere: its keys are fetched, refreshed within bounds, and never lost to a bad answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "identity/outside_keys.h"
#include "token_maker.h"
#include "world.h"

namespace ow::identity {
namespace {

using base::ErrorCode;
using base::Json;
using testing::ElementsAre;

const OutsideIssuer kIssuer{"https://issuer.example", "https://issuer.example/jwks", "shop", "roles"};

Json claims_at(const World& world) {
  return Json::object({{"sub", "u1"},
                       {"iss", kIssuer.issuer},
                       {"client_id", "shop"},
                       {"token_use", "access"},
                       {"roles", Json::array({"operator"})},
                       {"exp", world.clock.now().unix_s() + 86'400}});
}

void serve(World& world, const TokenMaker& maker) {
  world.http_client.answer = platform::HttpAnswer{.status = 200, .body = maker.jwks()};
}

struct OutsideWorld : World {
  explicit OutsideWorld(const TokenMaker& maker) {
    serve(*this, maker);
    OW_ASSERT(restart({.outside = kIssuer}).has_value(), "an outside issuer's world starts");
  }
};

TEST(OutsideIssuer, ItsTokensAreTakenWithItsGroups) {
  OutsideWorld world(rsa_maker());
  EXPECT_TRUE(world.identity->healthy());
  const auto principal = world.authenticate(rsa_maker().sign(claims_at(world)));
  ASSERT_TRUE(principal.has_value()) << principal.error().message;
  EXPECT_EQ(principal->user.text, "u1");
  EXPECT_THAT(principal->roles, ElementsAre("operator"));
  EXPECT_THAT(world.http_client.urls, ElementsAre(kIssuer.jwks_url));
}

TEST(OutsideIssuer, TheBuiltInRoutesAreGone) {
  OutsideWorld world(rsa_maker());
  for (const auto& route : world.identity->routes()) {
    const bool stays = route.pattern.starts_with("/api/api-keys") || route.pattern.starts_with("/api/persons");
    EXPECT_TRUE(stays) << route.pattern;
  }
}

TEST(OutsideIssuer, ATokenWithoutSubjectIsRefused) {
  OutsideWorld world(rsa_maker());
  Json claims = claims_at(world);
  claims.remove("sub");
  EXPECT_EQ(world.authenticate(rsa_maker().sign(claims)).error().reason, "sub_missing");
}

TEST(OutsideIssuer, AnUnknownKeyIsFetchedOnceInAWhile) {
  OutsideWorld world(rsa_maker());
  const TokenMaker rotated(Algorithm::es256, "rotated");
  const std::string token = rotated.sign(claims_at(world));
  world.clock.advance(kKeyFetchGapMin);
  EXPECT_EQ(world.authenticate(token).error().reason, "unknown_kid");
  serve(world, rotated);
  EXPECT_EQ(world.authenticate(token).error().reason, "unknown_kid");
  EXPECT_EQ(world.http_client.urls.size(), 2U);
  world.clock.advance(kKeyFetchGapMin);
  EXPECT_TRUE(world.authenticate(token).has_value());
  EXPECT_EQ(world.http_client.urls.size(), 3U);
}

base::Task<void> count_good(Identity& identity, std::string token, int& good) {
  if (co_await identity.authenticate(std::move(token))) ++good;
}

TEST(OutsideIssuer, WhoComesDuringAFetchWaitsForItsAnswer) {
  OutsideWorld world(rsa_maker());
  const TokenMaker other(Algorithm::eddsa, "other");
  serve(world, other);
  world.clock.advance(kKeyFetchGapMin);
  int good = 0;
  for (int caller = 0; caller < 20; ++caller) {
    world.executor->spawn(count_good(*world.identity, other.sign(claims_at(world)), good));
  }
  world.scheduler.run_until([&] { return good == 20; });
  EXPECT_EQ(good, 20);
  EXPECT_EQ(world.http_client.urls.size(), 2U);
}

TEST(OutsideIssuer, AKeyThatIsWithdrawnNoLongerSignsEvenForRememberedTokens) {
  OutsideWorld world(rsa_maker());
  const std::string token = rsa_maker().sign(claims_at(world));
  ASSERT_TRUE(world.authenticate(token).has_value());
  const TokenMaker rotated(Algorithm::es256, "rotated");
  serve(world, rotated);
  world.scheduler.run_for(kKeyFetchPeriod + std::chrono::seconds(1));
  EXPECT_EQ(world.authenticate(token).error().reason, "unknown_kid");
}

TEST(OutsideIssuer, ABadAnswerLeavesTheKnownKeysInPlace) {
  OutsideWorld world(rsa_maker());
  world.http_client.answer = platform::HttpAnswer{.status = 200, .body = "<html>"};
  world.scheduler.run_for(kKeyFetchPeriod + std::chrono::seconds(1));
  EXPECT_TRUE(world.authenticate(rsa_maker().sign(claims_at(world))).has_value());
  EXPECT_THAT(world.telemetry.events, ElementsAre("issuer_keys_not_fetched"));
}

TEST(OutsideIssuer, AnIssuerThatIsDownAtTheStartIsAskedAgain) {
  World world;
  world.http_client.answer = base::fail(ErrorCode::unavailable, "down", "The issuer is down.");
  ASSERT_TRUE(world.restart({.outside = kIssuer}).has_value());
  EXPECT_FALSE(world.identity->healthy());
  const std::string token = rsa_maker().sign(claims_at(world));
  EXPECT_EQ(world.authenticate(token).error().code, ErrorCode::unavailable);
  serve(world, rsa_maker());
  world.clock.advance(kKeyFetchGapMin);
  EXPECT_TRUE(world.authenticate(token).has_value());
  EXPECT_TRUE(world.identity->healthy());
}

}  // namespace
}  // namespace ow::identity
