// Wycheproof's RSA and HMAC vectors over the primitives that tokens are checked with.
#include <gtest/gtest.h>

#include <string>

#include "base/encoding.h"
#include "identity/public_key.h"
#include "vectors.h"

namespace ow::identity {
namespace {

using base::Json;

std::string hex_at(const Json& object, std::string_view member) { return from_hex(*object.string_at(member)); }

/// How many cases agreed; "acceptable" ones may go either way.
int run_rsa(const Json& file, Algorithm algorithm) {
  int cases = 0;
  for (const Json& group : file.find("testGroups")->as_array()) {
    const Json& numbers = *group.find("publicKey");
    const auto key = PublicKey::rsa(algorithm, hex_at(numbers, "modulus"), hex_at(numbers, "publicExponent"));
    EXPECT_TRUE(key.has_value());
    if (!key) return cases;
    for (const Json& test : group.find("tests")->as_array()) {
      const bool verifies = key->verifies(hex_at(test, "msg"), hex_at(test, "sig"));
      const auto result = *test.string_at("result");
      if (result != "acceptable") {
        EXPECT_EQ(verifies, result == "valid") << "tcId " << *test.integer_at("tcId");
      }
      ++cases;
    }
  }
  return cases;
}

TEST(WycheproofPrimitives, RsaPkcs1SignaturesVerifyAsTheFileSays) {
  OW_LOAD_WYCHEPROOF(file, "rsa_signature_2048_sha256_test.json");
  EXPECT_EQ(run_rsa(file, Algorithm::rs256), 259);
}

TEST(WycheproofPrimitives, RsaPssSignaturesVerifyAsTheFileSays) {
  OW_LOAD_WYCHEPROOF(file, "rsa_pss_2048_sha256_mgf1_32_test.json");
  EXPECT_EQ(run_rsa(file, Algorithm::ps256), 108);
}

void check_mac(const Json& group, const Json& test) {
  const std::string key = hex_at(test, "key");
  const std::string message = hex_at(test, "msg");
  const std::string tag = hex_at(test, "tag");
  const bool valid = test.string_at("result") == "valid";
  const auto digest = base::hmac_sha256(key, message);
  const std::string made(reinterpret_cast<const char*>(digest.data()), digest.size());
  EXPECT_EQ(made.substr(0, tag.size()) == tag, valid);
  const auto secret = PublicKey::secret(Algorithm::hs256, key);
  EXPECT_EQ(secret.has_value(), key.size() >= 32) << "HS256 needs a secret as long as its digest";
  // A truncated tag is never a JSON Web Signature (RFC 7518 section 3.2).
  if (secret) {
    EXPECT_EQ(secret->verifies(message, tag), valid && group.integer_at("tagSize") == 256);
  }
}

TEST(WycheproofPrimitives, HmacTagsVerifyAsTheFileSays) {
  OW_LOAD_WYCHEPROOF(file, "hmac_sha256_test.json");
  int cases = 0;
  for (const Json& group : file.find("testGroups")->as_array()) {
    for (const Json& test : group.find("tests")->as_array()) {
      SCOPED_TRACE(*test.integer_at("tcId"));
      check_mac(group, test);
      ++cases;
    }
  }
  EXPECT_EQ(cases, 174);
}

}  // namespace
}  // namespace ow::identity
