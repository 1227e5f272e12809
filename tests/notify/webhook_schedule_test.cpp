// When a delivery is tried again, and what an answer means.
#include "notify/webhooks/schedule.h"

#include <gtest/gtest.h>

#include "notify/webhooks/bounds.h"
#include "sim/world/sim_random.h"

namespace ow::notify::webhooks {
namespace {

constexpr base::Instant kFirst{1'767'225'600'000'000};

Outcome failed_at(base::Instant at) {
  Outcome outcome;
  outcome.status = 500;
  outcome.at = at;
  return outcome;
}

TEST(WebhookSchedule, FollowsThePausesAndThenIsDailyForFiveDays) {
  sim::SimRandom random(7);
  std::vector<base::Duration> pauses;
  auto at = kFirst;
  for (int attempts = 1; attempts < 100; ++attempts) {
    const auto next = next_attempt(attempts, kFirst, failed_at(at), random);
    if (!next) break;
    pauses.push_back(*next - at);
    at = *next;
  }
  ASSERT_GE(pauses.size(), 10U);
  for (std::size_t i = 0; i < pauses.size(); ++i) {
    const base::Duration wanted = i + 1 < kPauses.size() ? kPauses[i + 1] : kPauseAfterwards;
    EXPECT_GE(pauses[i], wanted * 8 / 10) << i;
    EXPECT_LE(pauses[i], wanted * 12 / 10) << i;
  }
  EXPECT_LE(at - kFirst, kGiveUpAfter);
  EXPECT_GT(at - kFirst, kGiveUpAfter - kPauseAfterwards * 13 / 10);
}

TEST(WebhookSchedule, WaitsAsLongAsTheReceiverAsksButNoLongerThanTheBound) {
  sim::SimRandom random(7);
  auto outcome = failed_at(kFirst);
  outcome.retry_after = std::chrono::hours(1);
  EXPECT_EQ(*next_attempt(1, kFirst, outcome, random) - kFirst, std::chrono::hours(1));
  EXPECT_EQ(parse_retry_after("99999999999999999999", kFirst), base::Duration(kRetryAfterMax));
  EXPECT_EQ(parse_retry_after("120", kFirst), base::Duration(std::chrono::seconds(120)));
  EXPECT_EQ(parse_retry_after("Thu, 01 Jan 2026 00:01:00 GMT", kFirst), base::Duration(std::chrono::minutes(1)));
  EXPECT_EQ(parse_retry_after("Wed, 31 Dec 2025 00:01:00 GMT", kFirst), base::Duration(0));
  for (const auto* text : {"", "-1", "soon", "1.5", "Thu, 01 Foo 2026 00:01:00 GMT"}) {
    EXPECT_EQ(parse_retry_after(text, kFirst), std::nullopt) << text;
  }
}

TEST(WebhookSchedule, OnlyTwoHundredsAreASuccess) {
  for (const int status : {200, 201, 204, 299})
    EXPECT_TRUE(outcome_of(platform::HttpAnswer{status, {}, {}}, kFirst).success());
  for (const int status : {100, 301, 302, 308, 400, 404, 410, 429, 500, 503}) {
    const auto outcome = outcome_of(platform::HttpAnswer{status, {}, {}}, kFirst);
    EXPECT_FALSE(outcome.success()) << status;
    EXPECT_FALSE(outcome.reason.empty()) << status;
  }
}

TEST(WebhookSchedule, KeepsTheFirstBytesOfAnAnswerAsText) {
  EXPECT_EQ(outcome_of(platform::HttpAnswer{200, {}, std::string(20'000, 'x')}, kFirst).answer.size(),
            kAnswerBytesKept);
  const std::string umlauts = "x" + [] {
    std::string text;
    for (int i = 0; i < 10'000; ++i) text += "\xc3\xa4";
    return text;
  }();
  const auto kept = outcome_of(platform::HttpAnswer{200, {}, umlauts}, kFirst).answer;
  EXPECT_EQ(kept.size(), kAnswerBytesKept - 1);
  EXPECT_TRUE(outcome_of(platform::HttpAnswer{200, {}, "\xff\xfe"}, kFirst).answer.starts_with("base64:"));
}

}  // namespace
}  // namespace ow::notify::webhooks
