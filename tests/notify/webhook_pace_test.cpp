// How fast an endpoint is called.
#include "notify/webhooks/pace.h"

#include <gtest/gtest.h>

#include "notify/webhooks/bounds.h"
#include "sim/world/world.h"

namespace ow::notify::webhooks {
namespace {

class PaceTest : public testing::Test {
 protected:
  using Turn = std::optional<Away>;

  base::Task<void> begin_into(Pace& pace, std::optional<int> rate, bool reserved, std::optional<Turn>& out) {
    out = co_await pace.begin(now(), rate, reserved, 0);
  }
  /// The answer to a beginning that must not wait.
  Turn begin(std::optional<int> rate = {}, bool reserved = false) {
    std::optional<Turn> out;
    executor_.spawn(begin_into(pace_, rate, reserved, out));
    world_.scheduler.run_for(std::chrono::milliseconds(1));
    EXPECT_TRUE(out.has_value());
    return out.value_or(Turn());
  }
  void done(int status, std::optional<base::Duration> retry_after = {}) {
    Outcome outcome;
    outcome.status = status;
    outcome.retry_after = retry_after;
    pace_.done(now(), outcome);
  }
  base::Duration now() const { return world_.clock.ticks(); }

  sim::SimWorld world_{1};
  sim::SimExecutor executor_{world_.scheduler};
  sim::SimRandom random_{1};
  WaitingRoom room_;
  Pace pace_{room_, random_};
};

TEST_F(PaceTest, TheWindowGrowsWithSuccessesAndHalvesWhenTheReceiverHasTooMuch) {
  for (int i = 0; i < 1000; ++i) {
    ASSERT_FALSE(begin());
    done(200);
  }
  EXPECT_EQ(pace_.window(), kWindowMax);
  ASSERT_FALSE(begin());
  done(429);
  EXPECT_EQ(pace_.window(), kWindowMax / 2);
}

TEST_F(PaceTest, FailuresInARowOpenTheCircuitAndOneAttemptClosesIt) {
  for (int i = 0; i < kFailuresToOpen; ++i) {
    ASSERT_FALSE(begin());
    done(500);
  }
  EXPECT_TRUE(pace_.open(now()));
  const auto away = begin();
  ASSERT_TRUE(away);
  EXPECT_GE(away->until - now(), base::Duration(kOpenFirst) * 7 / 10);
  world_.scheduler.run_for(kOpenFirst * 2);
  ASSERT_FALSE(begin());  // tries
  EXPECT_TRUE(begin());   // waits for what comes of it
  done(200);
  EXPECT_FALSE(begin());
  done(200);
}

TEST_F(PaceTest, AFailedTryKeepsTheCircuitOpenForLonger) {
  for (int i = 0; i < kFailuresToOpen; ++i) {
    ASSERT_FALSE(begin());
    done(0);
  }
  world_.scheduler.run_for(kOpenFirst * 2);
  ASSERT_FALSE(begin());
  done(0);
  const auto away = begin();
  ASSERT_TRUE(away);
  EXPECT_GE(away->until - now(), base::Duration(kOpenFirst) * 15 / 10);
}

TEST_F(PaceTest, TheRateGivesEachItsTurn) {
  ASSERT_FALSE(begin(10));
  const auto second = begin(10);
  const auto third = begin(10);
  ASSERT_TRUE(second && third);
  EXPECT_TRUE(second->reserved);
  EXPECT_EQ(third->until - second->until, std::chrono::milliseconds(100));
  EXPECT_FALSE(begin(10, true));
}

TEST_F(PaceTest, TheReceiverMayAskForARestWithinABound) {
  ASSERT_FALSE(begin());
  done(503, std::chrono::hours(24));
  const auto away = begin();
  ASSERT_TRUE(away);
  EXPECT_GT(away->until - now(), base::Duration(kRestMax) * 9 / 10);
  EXPECT_LT(away->until - now(), base::Duration(kRestMax) * 11 / 10);
}

TEST_F(PaceTest, WhatExceedsTheWindowWaitsInMemoryWithinABoundAndThenGoesAway) {
  for (int i = 0; i < kWindowFirst; ++i) ASSERT_FALSE(begin());
  std::vector<std::optional<Turn>> waiting(kWindowFirst);
  for (auto& one : waiting) executor_.spawn(begin_into(pace_, {}, false, one));
  world_.scheduler.run_for(std::chrono::milliseconds(1));
  for (const auto& one : waiting) EXPECT_FALSE(one.has_value());
  EXPECT_TRUE(begin());  // no room: it goes away
  done(200);
  world_.scheduler.run_for(std::chrono::milliseconds(1));
  EXPECT_TRUE(waiting[0].has_value());
  EXPECT_FALSE(waiting[0]->has_value());
  pace_.send_all_away();
  world_.scheduler.run_for(std::chrono::milliseconds(1));
  EXPECT_TRUE(waiting.back().has_value() && waiting.back()->has_value());
  EXPECT_EQ(room_.waiting, 0U);
}

}  // namespace
}  // namespace ow::notify::webhooks
