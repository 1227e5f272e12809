// The rules of RFC 8725 that verify_jws() keeps, each as an attack that must fail.
#include <gtest/gtest.h>

#include <string>

#include "base/bounds.h"
#include "base/encoding.h"
#include "identity/jws.h"
#include "token_maker.h"

namespace ow::identity {
namespace {

using base::Json;

std::string reason_of(const std::string& jwks, const std::string& token) {
  const auto keys = KeySet::parse(jwks);
  if (!keys) return keys.error().reason;
  const auto jws = verify_jws(*keys, token, kTokenAlgorithms);
  if (jws) return "accepted";
  EXPECT_EQ(jws.error().code, base::ErrorCode::unauthenticated);
  return jws.error().reason;
}

std::string with_header(const std::string& header) { return ed25519_maker().sign_text(header, "{}"); }

std::string set_of(std::initializer_list<Json> keys) {
  return base::to_text(Json::object({{"keys", Json(Json::Array(keys))}}));
}

TEST(Jws, EachAlgorithmOfTheApiIsAccepted) {
  for (const TokenMaker* maker : {&rsa_maker(), &elliptic_maker(), &ed25519_maker()}) {
    EXPECT_EQ(reason_of(maker->jwks(), maker->sign(Json::object())), "accepted");
  }
}

TEST(Jws, NoneIsRefusedInAnySpelling) {
  for (const char* name : {"none", "None", "NONE", "nOnE", ""}) {
    const std::string header = std::string(R"({"alg":")") + name + R"(","kid":"test-key"})";
    EXPECT_EQ(reason_of(ed25519_maker().jwks(), with_header(header)), "algorithm_refused");
    EXPECT_EQ(reason_of(ed25519_maker().jwks(), base::to_base64url(header) + ".e30."), "algorithm_refused");
  }
}

TEST(Jws, APublicKeyIsNeverTakenForASecret) {
  const std::string input = base::to_base64url(R"({"alg":"HS256","kid":"test-key"})") + ".e30";
  const auto tag = base::hmac_sha256(base::to_text(rsa_maker().jwk()), input);
  const std::string token = input + "." + base::to_base64url({reinterpret_cast<const char*>(tag.data()), tag.size()});
  EXPECT_EQ(reason_of(rsa_maker().jwks(), token), "algorithm_refused");
}

TEST(Jws, ASecretThatIsPublishedSignsNothing) {
  const std::string secret(32, 'k');
  const Json jwk = Json::object({{"kty", "oct"}, {"alg", "HS256"}, {"kid", "s"}, {"k", base::to_base64url(secret)}});
  const std::string input = base::to_base64url(R"({"alg":"HS256","kid":"s"})") + ".e30";
  const auto tag = base::hmac_sha256(secret, input);
  const std::string token = input + "." + base::to_base64url({reinterpret_cast<const char*>(tag.data()), tag.size()});
  EXPECT_EQ(reason_of(set_of({jwk}), token), "algorithm_refused");
  EXPECT_EQ(reason_of(set_of({jwk, rsa_maker().jwk()}), token), "jwks_refused");
}

TEST(Jws, AKeyInsideTheTokenIsIgnored) {
  const TokenMaker attacker(Algorithm::eddsa);
  const Json header = Json::object({{"alg", "EdDSA"}, {"kid", "test-key"}, {"jwk", attacker.jwk()}});
  EXPECT_EQ(reason_of(ed25519_maker().jwks(), attacker.sign_text(base::to_text(header), "{}")), "signature_invalid");
}

TEST(Jws, TheKidIsRequiredAndMustBeKnown) {
  EXPECT_EQ(reason_of(ed25519_maker().jwks(), with_header(R"({"alg":"EdDSA"})")), "kid_missing");
  EXPECT_EQ(reason_of(ed25519_maker().jwks(), with_header(R"({"alg":"EdDSA","kid":7})")), "kid_missing");
  EXPECT_EQ(reason_of(ed25519_maker().jwks(), with_header(R"({"alg":"EdDSA","kid":"other"})")), "unknown_kid");
}

TEST(Jws, AnyCriticalParameterIsRefused) {
  for (const char* value : {R"(["exp"])", R"(["b64"])", "[]", "null", R"("exp")"}) {
    const std::string header = std::string(R"({"alg":"EdDSA","kid":"test-key","crit":)") + value + "}";
    EXPECT_EQ(reason_of(ed25519_maker().jwks(), with_header(header)), "crit_unknown") << value;
  }
}

TEST(Jws, ADuplicateHeaderMemberIsRefused) {
  const auto token = with_header(R"({"alg":"EdDSA","kid":"test-key","alg":"EdDSA"})");
  EXPECT_EQ(reason_of(ed25519_maker().jwks(), token), "token_malformed");
}

TEST(Jws, Base64urlIsStrict) {
  const std::string good = ed25519_maker().sign(Json::object({{"a", 1}}));
  ASSERT_EQ(reason_of(ed25519_maker().jwks(), good), "accepted");
  for (const std::string& bad : {good + "=", good + " ", good + "\n", " " + good, good + ".", "." + good}) {
    EXPECT_EQ(reason_of(ed25519_maker().jwks(), bad), "token_malformed") << bad;
  }
}

TEST(Jws, ATokenOverTheBoundIsRefusedUnread) {
  const std::string large(base::bounds::kTokenBytesMax + 1, 'a');
  EXPECT_EQ(reason_of(ed25519_maker().jwks(), large), "token_too_large");
}

TEST(KeySet, AKeyThatIsNotForVerifyingIsKnownButRefused) {
  const std::string token = elliptic_maker().sign(Json::object());
  for (const auto& [member, value] : {std::pair<const char*, Json>{"use", "enc"},
                                      {"use", 1},
                                      {"key_ops", "verify"},
                                      {"key_ops", Json::array({"sign"})},
                                      {"alg", "ES384"},
                                      {"alg", "RS256"},
                                      {"alg", "ES257"},
                                      {"crv", "P-384"},
                                      {"kty", "RSA"},
                                      {"x", "AA"},
                                      {"y", 5}}) {
    Json jwk = elliptic_maker().jwk();
    jwk.set(member, value);
    EXPECT_EQ(reason_of(set_of({jwk}), token), "key_unusable") << member;
  }
}

TEST(KeySet, AKeyWithoutAlgorithmTakesTheOneItsTypeImplies) {
  for (const TokenMaker* maker : {&rsa_maker(), &elliptic_maker(), &ed25519_maker()}) {
    Json jwk = maker->jwk();
    jwk.remove("alg");
    EXPECT_EQ(reason_of(set_of({jwk}), maker->sign(Json::object())), "accepted");
  }
}

TEST(KeySet, TwoKeysOfOneKidAreAmbiguousAndOthersStayUsable) {
  const TokenMaker twin(Algorithm::eddsa);
  const TokenMaker other(Algorithm::eddsa, "other");
  const std::string set = set_of({ed25519_maker().jwk(), twin.jwk(), other.jwk()});
  EXPECT_EQ(reason_of(set, ed25519_maker().sign(Json::object())), "key_unusable");
  EXPECT_EQ(reason_of(set, other.sign(Json::object())), "accepted");
}

TEST(KeySet, TextThatIsNoKeySetIsRefused) {
  for (const char* text : {"", "{", "[]", "{}", R"({"keys":{}})", R"({"keys":[],"keys":[]})", "null"}) {
    const auto keys = KeySet::parse(text);
    ASSERT_FALSE(keys.has_value()) << text;
    EXPECT_EQ(keys.error().code, base::ErrorCode::malformed);
  }
}

}  // namespace
}  // namespace ow::identity
