// The rules of `token verify`, one by one, and that no text gets past or crashes them.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "base/encoding.h"
#include "identity/claims.h"
#include "token_maker.h"

namespace ow::identity {
namespace {

using base::Json;
using base::JsonNumber;

constexpr base::Instant kNow{1'800'000'000'500'000};  // half past a second
const Expectations kAccess{"https://issuer.example", "shop", TokenUse::access};
const Expectations kId{"https://issuer.example", "shop", TokenUse::id};

Json access_claims() {
  return Json::object({{"sub", "usr_1"},
                       {"iss", "https://issuer.example"},
                       {"client_id", "shop"},
                       {"token_use", "access"},
                       {"exp", 1'800'000'100},
                       {"iat", 1'799'999'000}});
}

Json id_claims() {
  Json claims = access_claims();
  claims.set("token_use", "id");
  claims.remove("client_id");
  claims.set("aud", "shop");
  return claims;
}

std::string verdict(const Expectations& expected, const std::string& token) {
  const auto claims = verify_token(ed25519_maker().jwks(), expected, kNow, token);
  return claims ? "accepted" : claims.error().reason;
}

std::string access_with(std::string_view member, Json value) {
  Json claims = access_claims();
  claims.set(member, std::move(value));
  return verdict(kAccess, ed25519_maker().sign(claims));
}

std::string id_with(std::string_view member, Json value) {
  Json claims = id_claims();
  claims.set(member, std::move(value));
  return verdict(kId, ed25519_maker().sign(claims));
}

std::string without(const Expectations& expected, Json claims, std::string_view member) {
  claims.remove(member);
  return verdict(expected, ed25519_maker().sign(claims));
}

TEST(Claims, AGoodTokenGivesItsClaims) {
  const auto claims = verify_token(ed25519_maker().jwks(), kAccess, kNow, ed25519_maker().sign(access_claims()));
  ASSERT_TRUE(claims.has_value()) << claims.error().message;
  EXPECT_EQ(*claims, access_claims());
  EXPECT_EQ(verdict(kId, ed25519_maker().sign(id_claims())), "accepted");
}

TEST(Claims, OneUseIsNeverTakenForTheOther) {
  EXPECT_EQ(verdict(kAccess, ed25519_maker().sign(id_claims())), "token_use_wrong");
  EXPECT_EQ(verdict(kId, ed25519_maker().sign(access_claims())), "token_use_wrong");
  EXPECT_EQ(access_with("token_use", Json::array({"access"})), "token_use_wrong");
  EXPECT_EQ(without(kAccess, access_claims(), "token_use"), "token_use_wrong");
}

TEST(Claims, TheIssuerIsComparedExactly) {
  EXPECT_EQ(access_with("iss", "https://issuer.example/"), "iss_wrong");
  EXPECT_EQ(access_with("iss", Json::array({"https://issuer.example"})), "iss_wrong");
  EXPECT_EQ(without(kAccess, access_claims(), "iss"), "iss_wrong");
}

TEST(Claims, AnAccessTokenNamesTheClient) {
  EXPECT_EQ(access_with("client_id", "Shop"), "client_id_wrong");
  Json claims = access_claims();
  claims.set("aud", "shop");
  EXPECT_EQ(without(kAccess, claims, "client_id"), "client_id_wrong");
}

TEST(Claims, AnIdTokensAudienceIsOrContainsTheClient) {
  EXPECT_EQ(id_with("aud", Json::array({"other", "shop"})), "accepted");
  EXPECT_EQ(id_with("aud", Json::array({"other"})), "aud_wrong");
  EXPECT_EQ(id_with("aud", Json::array()), "aud_wrong");
  EXPECT_EQ(id_with("aud", Json::object({{"shop", "shop"}})), "aud_wrong");
  EXPECT_EQ(id_with("aud", "shop shop"), "aud_wrong");
  EXPECT_EQ(without(kId, id_claims(), "aud"), "aud_wrong");
}

TEST(Claims, TheExpiryIsRequiredAndItsInstantIsTooLate) {
  EXPECT_EQ(without(kAccess, access_claims(), "exp"), "exp_wrong");
  EXPECT_EQ(access_with("exp", "1900000000"), "exp_wrong");
  EXPECT_EQ(access_with("exp", nullptr), "exp_wrong");
  EXPECT_EQ(access_with("exp", 1'800'000'000), "token_expired");
  EXPECT_EQ(access_with("exp", JsonNumber{"1800000000.5"}), "token_expired");
  EXPECT_EQ(access_with("exp", JsonNumber{"1800000000.5000000001"}), "accepted");
  EXPECT_EQ(access_with("exp", 1'800'000'001), "accepted");
  EXPECT_EQ(access_with("exp", JsonNumber{"1.9e9"}), "accepted");
  EXPECT_EQ(access_with("exp", JsonNumber{"-1e400"}), "token_expired");
  EXPECT_EQ(access_with("exp", JsonNumber{"1e400"}), "accepted");
}

TEST(Claims, NotBeforeAndIssuedAtMayBeNowButNotAfter) {
  for (const char* name : {"nbf", "iat"}) {
    EXPECT_EQ(access_with(name, JsonNumber{"1800000000.5"}), "accepted");
    EXPECT_EQ(access_with(name, JsonNumber{"1800000000.500001"}), std::string(name) + "_in_future");
    EXPECT_EQ(access_with(name, 1'800'000'001), std::string(name) + "_in_future");
    EXPECT_EQ(access_with(name, "0"), std::string(name) + "_wrong");
    EXPECT_EQ(access_with(name, nullptr), std::string(name) + "_wrong");
  }
  EXPECT_EQ(without(kAccess, access_claims(), "iat"), "accepted");
}

TEST(Claims, AnExplicitTypeMustBeThatOfTheUse) {
  const auto typed = [](const std::string& type, const Json& claims) {
    const Json header = Json::object({{"alg", "EdDSA"}, {"kid", "test-key"}, {"typ", type}});
    return ed25519_maker().sign_text(base::to_text(header), base::to_text(claims));
  };
  EXPECT_EQ(verdict(kAccess, typed("JWT", access_claims())), "accepted");
  EXPECT_EQ(verdict(kAccess, typed("application/at+JWT", access_claims())), "accepted");
  EXPECT_EQ(verdict(kAccess, typed("logout+jwt", access_claims())), "typ_wrong");
  EXPECT_EQ(verdict(kId, typed("at+jwt", id_claims())), "typ_wrong");
}

TEST(Claims, ClaimsWithADuplicateMemberOrOfAnotherShapeAreRefused) {
  const std::string header = R"({"alg":"EdDSA","kid":"test-key"})";
  const std::string twice = base::to_text(access_claims()).insert(1, R"("sub":"usr_2",)");
  for (const std::string& payload : {twice, std::string("[]"), std::string("x"), std::string()}) {
    EXPECT_EQ(verdict(kAccess, ed25519_maker().sign_text(header, payload)), "token_malformed");
  }
}

TEST(Claims, AJwksThatCannotBeReadIsToldApartFromABadToken) {
  const auto claims = verify_token("{}", kAccess, kNow, ed25519_maker().sign(access_claims()));
  ASSERT_FALSE(claims.has_value());
  EXPECT_EQ(claims.error().code, base::ErrorCode::malformed);
}

TEST(Claims, HoldUntilTheExpiryAndNeverLonger) {
  EXPECT_EQ(claims_hold_until(Json::object({{"exp", 100}})).us, 100'000'000);
  EXPECT_LE(claims_hold_until(Json::object({{"exp", JsonNumber{"100.25"}}})).us, 100'250'000);
  EXPECT_GT(claims_hold_until(Json::object({{"exp", JsonNumber{"1e400"}}})).us, 0);
}

RC_GTEST_PROP(TokenText, AnySingleChangedCharacterIsRefused, ()) {
  static const std::string good = ed25519_maker().sign(access_claims());
  std::string token = good;
  const auto at = *rc::gen::inRange<std::size_t>(0, token.size());
  const auto changed = *rc::gen::distinctFrom(token[at]);
  token[at] = changed;
  RC_ASSERT(verdict(kAccess, token) != "accepted");
}

RC_GTEST_PROP(TokenText, ATruncatedOrExtendedTokenIsRefused, (const std::string& tail)) {
  static const std::string good = ed25519_maker().sign(access_claims());
  const auto length = *rc::gen::inRange<std::size_t>(0, good.size());
  RC_ASSERT(verdict(kAccess, good.substr(0, length)) != "accepted");
  RC_PRE(!tail.empty());
  RC_ASSERT(verdict(kAccess, good + tail) != "accepted");
}

RC_GTEST_PROP(TokenText, AnyTextIsAnsweredWithAReason, (const std::string& text)) {
  const auto claims = verify_token(ed25519_maker().jwks(), kAccess, kNow, text);
  RC_ASSERT(!claims.has_value());
  RC_ASSERT(!claims.error().reason.empty());
  RC_ASSERT(!claims.error().message.empty());
  RC_ASSERT(!verify_token(text, kAccess, kNow, text).has_value());
}

RC_GTEST_PROP(TokenText, AKeySetWithAChangedCharacterNeverVouchesForAnotherKeysToken, ()) {
  const TokenMaker& maker = **rc::gen::element(&rsa_maker(), &elliptic_maker(), &ed25519_maker());
  static const TokenMaker attacker(Algorithm::eddsa);
  std::string jwks = maker.jwks();
  jwks[*rc::gen::inRange<std::size_t>(0, jwks.size())] = *rc::gen::arbitrary<char>();
  RC_ASSERT(!verify_token(jwks, kAccess, kNow, attacker.sign(access_claims())).has_value());
  const auto own = verify_token(jwks, kAccess, kNow, maker.sign(access_claims()));
  RC_ASSERT(own.has_value() || !own.error().message.empty());
}

RC_GTEST_PROP(TokenText, ASignedTokenOfAnyHeaderAndClaimsIsAnsweredWithAReason,
              (const std::string& header, const std::string& payload)) {
  RC_ASSERT(verdict(kAccess, ed25519_maker().sign_text(header, payload)) != "accepted");
  const std::string good_header = R"({"alg":"EdDSA","kid":"test-key"})";
  RC_ASSERT(verdict(kAccess, ed25519_maker().sign_text(good_header, payload)) != "accepted");
}

}  // namespace
}  // namespace ow::identity
