// Rotation of the issuer's keys: no good token is ever refused, and a crash leaves the keys of before or after.
#include "identity/signing_keys.h"

#include <gtest/gtest.h>

#include "base/bounds.h"
#include "base/encoding.h"
#include "identity/bounds.h"
#include "world.h"

namespace ow::identity {
namespace {

using base::Json;

constexpr auto kPassword = "correct horse";

class SigningKeysTest : public ::testing::Test {
 protected:
  SigningKeysTest() { world.add_user("ann", kPassword); }
  base::Result<http::Response> rotate(bool at_once = false) {
    http::RequestContext context;
    context.body = Json::object({{"reason", "yearly"}, {"atOnce", at_once}});
    return world.call("POST", "/api/signing-keys/rotate", context);
  }
  std::size_t served() {
    return base::parse_json(world.get("/.well-known/jwks.json").body)->find("keys")->as_array().size();
  }
  std::string token() { return world.token_of("ann", kPassword); }
  static std::string kid_of(const std::string& token) {
    const auto header = base::from_base64url(token.substr(0, token.find('.'))).value();
    return std::string(*base::parse_json(header)->string_at("kid"));
  }
  bool works(const std::string& token) { return world.authenticate(token).has_value(); }
  void pass(base::Duration span) { world.scheduler.run_for(span); }

  World world;
};

TEST_F(SigningKeysTest, ANewKeyIsPublishedBeforeItSigns) {
  const auto before = token();
  ASSERT_TRUE(rotate().has_value());
  EXPECT_EQ(served(), 2U);
  EXPECT_EQ(kid_of(token()), kid_of(before));
  pass(base::Duration(kSigningKeyPublishedBefore) + std::chrono::seconds(1));
  const auto after = token();
  EXPECT_NE(kid_of(after), kid_of(before));
  EXPECT_TRUE(works(before));
  EXPECT_TRUE(works(after));
}

TEST_F(SigningKeysTest, TheOldKeyIsKeptUntilItsLastTokenHasExpired) {
  ASSERT_TRUE(rotate().has_value());
  pass(base::Duration(kSigningKeyPublishedBefore) - std::chrono::seconds(1));
  const auto last = token();
  pass(base::Duration(base::bounds::kAccessTokenLife) - std::chrono::seconds(2));
  EXPECT_TRUE(works(last));
  EXPECT_EQ(served(), 2U);
  pass(base::Duration(kSigningKeyMargin) + 2 * base::Duration(kSigningKeysTended) + std::chrono::seconds(3));
  EXPECT_EQ(served(), 1U);
  EXPECT_TRUE(works(token()));
}

TEST_F(SigningKeysTest, ARotationUnderWayIsNotStartedAgain) {
  ASSERT_TRUE(rotate().has_value());
  EXPECT_EQ(rotate().error().reason, "rotation_under_way");
}

TEST_F(SigningKeysTest, AStolenKeyIsDroppedAtOnceWithAllItsTokens) {
  const auto before = token();
  EXPECT_TRUE(works(before));
  ASSERT_TRUE(rotate(true).has_value());
  EXPECT_EQ(served(), 1U);
  EXPECT_EQ(world.authenticate(before).error().reason, "unknown_kid");
  EXPECT_TRUE(works(token()));
}

TEST_F(SigningKeysTest, AKeyThatIsOldIsReplacedByItself) {
  const auto before = kid_of(token());
  world.clock.advance(base::Duration(kSigningKeyLife));
  pass(2 * base::Duration(kSigningKeysTended));
  EXPECT_EQ(served(), 2U);
  pass(base::Duration(kSigningKeyPublishedBefore) + 2 * base::Duration(kSigningKeysTended));
  EXPECT_NE(kid_of(token()), before);
}

TEST_F(SigningKeysTest, ARestartAtAnyMomentOfARotationLosesNoToken) {
  std::vector<std::string> good{token()};
  ASSERT_TRUE(rotate().has_value());
  for (int minute = 0; minute < 40; ++minute) {
    ASSERT_TRUE(world.restart().has_value());
    for (const auto& one : good) EXPECT_TRUE(works(one)) << minute;
    good.push_back(token());
    pass(std::chrono::minutes(1));
  }
  EXPECT_NE(kid_of(good.front()), kid_of(good.back()));
}

/// Secrets that cannot be written: the disk is full, or the process dies before.
class StuckSecrets final : public platform::Secrets {
 public:
  explicit StuckSecrets(platform::Secrets& below) : below_(below) {}
  base::Result<std::optional<std::string>> get(const std::string& name) override { return below_.get(name); }
  base::Result<void> put(const std::string& name, const std::string& bytes) override {
    if (stuck) return base::fail(base::ErrorCode::storage_full, "full", "The disk is full.");
    return below_.put(name, bytes);
  }
  bool stuck = false;

 private:
  platform::Secrets& below_;
};

TEST_F(SigningKeysTest, AKeyThatIsNotKeptIsNeverPublished) {
  StuckSecrets secrets(world.secrets);
  SigningKeys keys;
  ASSERT_TRUE(keys.load(secrets, world.random, world.clock.now()).has_value());
  const auto kept = base::to_text(keys.jwks());
  secrets.stuck = true;
  for (const auto how : {SigningKeys::Rotation::gentle, SigningKeys::Rotation::at_once}) {
    EXPECT_FALSE(world.executor->run(keys.rotate(*world.executor, how, world.clock.now())).has_value());
    EXPECT_EQ(base::to_text(keys.jwks()), kept);
  }
  secrets.stuck = false;
  EXPECT_TRUE(
      world.executor->run(keys.rotate(*world.executor, SigningKeys::Rotation::gentle, world.clock.now())).has_value());
}

TEST_F(SigningKeysTest, ReadsTheSecretOfBeforeRotationExisted) {
  const auto key = SigningKey::make(world.random);
  world.secrets.secrets["identity-signing-keys"] =
      base::to_text(Json::object({{"keys", Json::array({key.private_jwk()})}}));
  ASSERT_TRUE(world.restart().has_value());
  EXPECT_EQ(kid_of(token()), key.kid());
}

}  // namespace
}  // namespace ow::identity
