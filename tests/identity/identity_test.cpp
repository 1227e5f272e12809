// Sign-in, the built-in issuer and the API's view of a token, over a process in memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/bounds.h"
#include "base/encoding.h"
#include "identity/claims.h"
#include "world.h"

namespace ow::identity {
namespace {

using base::ErrorCode;
using base::Json;
using testing::ElementsAre;

constexpr const char* kPassword = "correct horse";

TEST(Identity, ASignInGivesATokenThatTheApiTakes) {
  World world;
  const base::UserId ann = world.add_user("ann", kPassword, "operator");
  const auto reply = world.sign_in("ann", kPassword);
  ASSERT_TRUE(reply.has_value()) << reply.error().message;
  const auto body = base::parse_json(reply->response.body);
  EXPECT_EQ(body->string_at("tokenType"), "Bearer");
  EXPECT_EQ(body->integer_at("expiresIn"), 3600);
  EXPECT_TRUE(reply->commit.empty());
  const auto principal = world.authenticate(std::string(*body->string_at("accessToken")));
  ASSERT_TRUE(principal.has_value()) << principal.error().message;
  EXPECT_EQ(principal->user, ann);
  EXPECT_THAT(principal->roles, ElementsAre("operator"));
}

TEST(Identity, TheTokenVerifiesByTheServedKeysAndCarriesCognitosClaims) {
  World world;
  const base::UserId ann = world.add_user("ann", kPassword);
  const std::string token = world.token_of("Ann", kPassword);
  const Expectations expected{"http://127.0.0.1:8080", "orderwright", TokenUse::access};
  const auto claims = verify_token(world.get("/.well-known/jwks.json").body, expected, world.clock.now(), token);
  ASSERT_TRUE(claims.has_value()) << claims.error().message;
  EXPECT_EQ(claims->string_at("sub"), ann.text);
  EXPECT_EQ(claims->string_at("username"), "ann");
  EXPECT_EQ(*claims->find("cognito:groups"), Json::array({"shopper"}));
  EXPECT_EQ(*claims->integer_at("exp") - *claims->integer_at("iat"), 3600);
  for (const char* name : {"jti", "scope", "auth_time"}) EXPECT_NE(claims->find(name), nullptr) << name;
}

TEST(Identity, TheServedKeysHoldNothingSecret) {
  World world;
  const auto jwks = base::parse_json(world.get("/.well-known/jwks.json").body);
  ASSERT_TRUE(jwks.has_value());
  const Json& key = jwks->find("keys")->as_array().at(0);
  EXPECT_EQ(key.find("d"), nullptr);
  EXPECT_EQ(key.string_at("use"), "sig");
  const std::string members = R"({"crv":"Ed25519","kty":"OKP","x":")" + std::string(*key.string_at("x")) + "\"}";
  const auto thumbprint = base::sha256(members);
  EXPECT_EQ(key.string_at("kid"),
            base::to_base64url({reinterpret_cast<const char*>(thumbprint.data()), thumbprint.size()}));
}

TEST(Identity, TheConfigurationNamesIssuerAndKeys) {
  World world;
  ASSERT_TRUE(world.restart({.public_url = "https://shop.example"}).has_value());
  const auto configuration = base::parse_json(world.get("/.well-known/openid-configuration").body);
  ASSERT_TRUE(configuration.has_value());
  EXPECT_EQ(configuration->string_at("issuer"), "https://shop.example");
  EXPECT_EQ(configuration->string_at("jwks_uri"), "https://shop.example/.well-known/jwks.json");
}

TEST(Identity, ATokenOutlivesARestart) {
  World world;
  world.add_user("ann", kPassword);
  const std::string token = world.token_of("ann", kPassword);
  ASSERT_TRUE(world.restart().has_value());
  EXPECT_TRUE(world.authenticate(token).has_value());
}

TEST(Identity, UnreadableSigningKeysStopTheStartAndAreKept) {
  World world;
  world.secrets.secrets["identity-signing-keys"] = "{}";
  const auto started = world.restart();
  ASSERT_FALSE(started.has_value());
  EXPECT_EQ(started.error().code, ErrorCode::internal);
  EXPECT_EQ(world.secrets.secrets["identity-signing-keys"], "{}");
  EXPECT_FALSE(world.identity->healthy());
}

TEST(Identity, AnUnknownNameAndAWrongPasswordAreAnsweredAlike) {
  World world;
  world.add_user("ann", kPassword);
  const auto wrong = world.sign_in("ann", "wrong horse");
  const auto unknown = world.sign_in("bob", "wrong horse");
  const auto no_name = world.sign_in("bob@example.com", "wrong horse");
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().code, ErrorCode::unauthenticated);
  for (const auto* other : {&unknown, &no_name}) {
    ASSERT_FALSE(other->has_value());
    EXPECT_EQ(other->error().code, wrong.error().code);
    EXPECT_EQ(other->error().reason, wrong.error().reason);
    EXPECT_EQ(other->error().message, wrong.error().message);
  }
}

TEST(Identity, CredentialsOfTheWrongShapeAreMalformed) {
  World world;
  const auto empty = world.sign_in("", "");
  ASSERT_FALSE(empty.has_value());
  EXPECT_EQ(empty.error().code, ErrorCode::malformed);
  EXPECT_EQ(empty.error().violations.size(), 2U);
}

TEST(Identity, GuessingIsThrottledAndARightPasswordWaitsToo) {
  World world;
  world.add_user("ann", kPassword);
  for (int guess = 0; guess < 5; ++guess) {
    EXPECT_EQ(world.sign_in("ann", "wrong horse").error().code, ErrorCode::unauthenticated);
  }
  const auto throttled = world.sign_in("ANN", kPassword);
  ASSERT_FALSE(throttled.has_value());
  EXPECT_EQ(throttled.error().code, ErrorCode::rate_limited);
  EXPECT_EQ(throttled.error().retry_after_s, 1);
  world.clock.advance(std::chrono::seconds(1));
  EXPECT_TRUE(world.sign_in("ann", kPassword).has_value());
  EXPECT_EQ(world.telemetry.count("ow_sign_ins_total", "throttled"), 1U);
}

TEST(Identity, AVerifiedTokenIsRememberedUntilItExpires) {
  World world;
  world.add_user("ann", kPassword);
  const std::string token = world.token_of("ann", kPassword);
  EXPECT_TRUE(world.authenticate(token).has_value());
  EXPECT_TRUE(world.authenticate(token).has_value());
  EXPECT_EQ(world.telemetry.count("ow_tokens_total", "verified"), 1U);
  EXPECT_EQ(world.telemetry.count("ow_tokens_total", "cached"), 1U);
  world.clock.advance(base::bounds::kAccessTokenLife);
  const auto late = world.authenticate(token);
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().reason, "token_expired");
}

TEST(Identity, AnotherInstallationsTokenIsRefused) {
  World world;
  World other;
  other.random = sim::SimRandom(9);
  other.secrets.secrets.clear();
  ASSERT_TRUE(other.restart().has_value());
  other.add_user("ann", kPassword);
  EXPECT_EQ(world.authenticate(other.token_of("ann", kPassword)).error().reason, "unknown_kid");
}

TEST(Identity, AUserNameIsTakenOnceInAnySpelling) {
  World world;
  EXPECT_FALSE(world.executor->run(world.identity->any_user()).value_or(true));
  world.add_user("Ann", kPassword);
  EXPECT_TRUE(world.executor->run(world.identity->any_user()).value_or(false));
  const auto again = world.executor->run(world.identity->create_user({"aNN", kPassword, {"shopper"}}));
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, ErrorCode::conflict);
}

TEST(Identity, EveryBrokenRuleOfANewUserIsNamed) {
  World world;
  const auto refused = world.executor->run(world.identity->create_user({"a b", "short", {"king"}}));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::unprocessable);
  EXPECT_EQ(refused.error().violations.size(), 3U);
  EXPECT_TRUE(world.store.records.empty());
}

TEST(Identity, AUserMayComeWithAHashFromElsewhere) {
  World world;
  world.add_user("ann", kPassword);
  const auto record = base::parse_json(world.store.records.begin()->second.value);
  NewUser moved{"bob", "", {"shopper"}, std::string(*record->string_at("passwordHash"))};
  ASSERT_TRUE(world.executor->run(world.identity->create_user(moved)).has_value());
  EXPECT_TRUE(world.sign_in("bob", kPassword).has_value());
}

TEST(Identity, ThePasswordIsNowhereInTheRecord) {
  World world;
  world.add_user("ann", kPassword);
  const std::string& value = world.store.records.begin()->second.value;
  EXPECT_EQ(value.find(kPassword), value.npos);
  EXPECT_NE(value.find("$argon2id$v=19$"), value.npos);
}

}  // namespace
}  // namespace ow::identity
