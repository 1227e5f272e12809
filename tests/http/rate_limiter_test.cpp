// Requests per second and caller.
#include "http/rate_limiter.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/bounds.h"

namespace ow::http {
namespace {

using namespace std::chrono_literals;

int admitted(RateLimiter& limiter, std::string_view caller, base::Duration at, int tries) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += limiter.admit(caller, at) ? 1 : 0;
  return count;
}

TEST(RateLimiter, TakesABurstOfOneSecondAndThenTheRate) {
  RateLimiter limiter(2000);
  EXPECT_EQ(admitted(limiter, "a", 100s, 5000), 2000);
  EXPECT_EQ(admitted(limiter, "a", 100s + 10ms, 5000), 20);
  EXPECT_EQ(admitted(limiter, "a", 102s, 5000), 2000);
}

TEST(RateLimiter, CountsEachCallerApart) {
  RateLimiter limiter(10);
  EXPECT_EQ(admitted(limiter, "a", 5s, 100), 10);
  EXPECT_EQ(admitted(limiter, "b", 5s, 100), 10);
}

TEST(RateLimiter, IsOffWithoutARateAndShutAtZero) {
  RateLimiter off(std::nullopt);
  EXPECT_EQ(admitted(off, "a", 0s, 100'000), 100'000);
  RateLimiter shut(0);
  EXPECT_EQ(admitted(shut, "a", 5s, 100), 0);
}

TEST(RateLimiter, ForgetsQuietCallers) {
  RateLimiter limiter(10);
  for (int second = 0; second < 20; ++second) {
    for (int i = 0; i < 1000; ++i) limiter.admit("caller" + std::to_string(second * 1000 + i), second * 1s + 1s);
    EXPECT_LE(limiter.callers(), 2000U);
  }
}

TEST(RateLimiter, RemembersAtMostTwiceItsBound) {
  RateLimiter limiter(10);
  for (int i = 0; i < 100'000; ++i) limiter.admit("caller" + std::to_string(i), 1s);
  EXPECT_LE(limiter.callers(), 2 * base::bounds::kRateCallersMax);
}

RC_GTEST_PROP(RateLimiter, NeverAdmitsMoreThanBurstAndRateInAnyStretch, ()) {
  const int rate = *rc::gen::inRange(1, 50);
  RateLimiter limiter(rate);
  const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 700'000));
  base::Duration at = 10s;
  std::vector<base::Duration> taken;
  for (const int step : steps) {
    at += base::Duration(step);
    for (int i = 0; i < rate; ++i) {
      if (limiter.admit("a", at)) taken.push_back(at);
    }
  }
  for (std::size_t from = 0; from < taken.size(); from += 7) {
    const double seconds = static_cast<double>((taken.back() - taken[from]).count()) / 1e6;
    RC_ASSERT(static_cast<double>(taken.size() - from) <= rate * (seconds + 1) + 1);
  }
}

}  // namespace
}  // namespace ow::http
