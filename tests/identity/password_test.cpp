// Rules of passwords, hashes and names.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/bounds.h"
#include "identity/password.h"
#include "identity/roca.h"
#include "identity/users.h"
#include "world.h"

namespace ow::identity {
namespace {

TEST(Password, HasEightTo128CharactersOfAnyScript) {
  EXPECT_FALSE(check_new_password("1234567").has_value());
  EXPECT_TRUE(check_new_password("12345678").has_value());
  EXPECT_TRUE(check_new_password("пароль12").has_value());
  EXPECT_FALSE(check_new_password("пароль").has_value());
  EXPECT_TRUE(check_new_password(std::string(128, 'x')).has_value());
  EXPECT_FALSE(check_new_password(std::string(129, 'x')).has_value());
  EXPECT_FALSE(check_new_password("12345678\xff").has_value());
}

TEST(Password, IsHashedWithTheRecommendedCostAndAFreshSalt) {
  World world;
  PasswordHasher hasher(*world.executor, world.random, {});
  const auto first = world.executor->run(hasher.hash("correct horse"));
  const auto second = world.executor->run(hasher.hash("correct horse"));
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_TRUE(first->starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << *first;
  EXPECT_NE(*first, *second);
  EXPECT_TRUE(is_password_hash(*first));
  EXPECT_TRUE(world.executor->run(hasher.matches(*first, "correct horse")).value_or(false));
  EXPECT_FALSE(world.executor->run(hasher.matches(*first, "correct horse ")).value_or(true));
}

/// An executor whose lanes do not move until they are let go.
class HeldLanes final : public platform::Executor {
 public:
  explicit HeldLanes(platform::Executor& below) : below_(below) {}
  void post(platform::Job job) override { below_.post(std::move(job)); }
  void submit(platform::Lane lane, platform::Job job) override { held_.emplace_back(lane, std::move(job)); }
  base::Task<bool> sleep_until(base::Duration due) override { return below_.sleep_until(due); }
  void spawn(base::Task<void> task) override { below_.spawn(std::move(task)); }
  void request_stop() override { below_.request_stop(); }
  bool stopping() const override { return below_.stopping(); }

  void let_go() {
    for (auto& [lane, job] : std::exchange(held_, {})) below_.submit(lane, std::move(job));
  }

 private:
  platform::Executor& below_;
  std::vector<std::pair<platform::Lane, platform::Job>> held_;
};

struct HashTally {
  int hashed = 0;
  int refused = 0;
};

base::Task<void> count_hash(PasswordHasher& hasher, HashTally& tally) {
  const auto phc = co_await hasher.hash("correct horse");
  if (phc) ++tally.hashed;
  if (!phc && phc.error().code == base::ErrorCode::unavailable && phc.error().retry_after_s) ++tally.refused;
}

TEST(Password, HashesBeyondTheBoundOfWaitingOnesAreRefusedPolitely) {
  constexpr int kWaitingMax = base::bounds::kPasswordHashesWaitingMax;
  World world;
  HeldLanes executor(*world.executor);
  PasswordHasher hasher(executor, world.random, {.memory_kib = 8, .passes = 1});
  HashTally tally;
  for (int count = 0; count < kWaitingMax + 10; ++count) executor.spawn(count_hash(hasher, tally));
  world.scheduler.run_for(std::chrono::seconds(1));
  EXPECT_EQ(tally.refused, 10);
  executor.let_go();
  world.scheduler.run_for(std::chrono::seconds(1));
  EXPECT_EQ(tally.hashed, kWaitingMax);
  executor.spawn(count_hash(hasher, tally));
  world.scheduler.run_for(std::chrono::seconds(1));
  executor.let_go();
  world.scheduler.run_for(std::chrono::seconds(1));
  EXPECT_EQ(tally.hashed, kWaitingMax + 1);
}

TEST(Password, NobodysHashIsWellFormedAndMatchesNothing) {
  World world;
  PasswordHasher hasher(*world.executor, world.random, {.memory_kib = 8, .passes = 1});
  EXPECT_TRUE(is_password_hash(hasher.nobody())) << hasher.nobody();
  EXPECT_FALSE(world.executor->run(hasher.matches(hasher.nobody(), "")).value_or(true));
}

TEST(Password, AHashFromElsewhereMustBeArgon2idOfBoundedCost) {
  const std::string tail = "$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";
  EXPECT_TRUE(is_password_hash("$argon2id$v=19$m=19456,t=2,p=1" + tail));
  for (const char* head :
       {"$argon2i$v=19$m=19456,t=2,p=1", "$argon2id$v=16$m=19456,t=2,p=1", "$argon2id$v=19$m=99999999,t=2,p=1",
        "$argon2id$v=19$m=19456,t=200,p=1", "$argon2id$v=19$t=2,m=19456,p=1", "$argon2id$v=19$m=,t=2,p=1",
        "x$argon2id$v=19$m=8,t=1,p=1"}) {
    EXPECT_FALSE(is_password_hash(head + tail)) << head;
  }
  EXPECT_FALSE(is_password_hash("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"));
  EXPECT_FALSE(is_password_hash(""));
}

TEST(UserName, IsFoldedToLowerCaseAndKeptPlain) {
  EXPECT_EQ(normalised_name("Demo-Shopper"), "demo-shopper");
  EXPECT_EQ(normalised_name("a"), "a");
  EXPECT_EQ(normalised_name(std::string(65, 'a')), std::nullopt);
  for (const char* bad : {"", "-a", ".a", "a b", "a@b.c", "ä", "a\n", "a#"}) {
    EXPECT_EQ(normalised_name(bad), std::nullopt) << bad;
  }
}

TEST(Roca, APowerOf65537IsFoundAndAnOrdinaryNumberIsNot) {
  EXPECT_TRUE(has_roca_fingerprint(std::string("\x01\x00\x01", 3)));
  EXPECT_FALSE(has_roca_fingerprint(std::string("\x01\x00\x03", 3)));
}

}  // namespace
}  // namespace ow::identity
