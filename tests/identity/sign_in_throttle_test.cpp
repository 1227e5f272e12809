// Waits between attempts to sign in: by name, by address, bounded.
#include <gtest/gtest.h>

#include <string>

#include "identity/sign_in_throttle.h"

namespace ow::identity {
namespace {

using namespace std::chrono_literals;

void fail_times(SignInThrottle& throttle, const std::string& name, const std::string& address, int times,
                base::Duration now) {
  for (int count = 0; count < times; ++count) throttle.failed(name, address, now);
}

TEST(SignInThrottle, FewFailuresAreFree) {
  SignInThrottle throttle;
  fail_times(throttle, "ann", "10.0.0.1", 4, 0s);
  EXPECT_EQ(throttle.admit("ann", "10.0.0.1", 0s), std::nullopt);
}

TEST(SignInThrottle, FurtherFailuresOfANameDoubleTheWaitUpToItsBound) {
  SignInThrottle throttle;
  fail_times(throttle, "ann", "10.0.0.1", 5, 0s);
  EXPECT_EQ(throttle.admit("ann", "10.0.0.2", 0s), 1);
  EXPECT_EQ(throttle.admit("ann", "10.0.0.2", 1s), std::nullopt);
  throttle.failed("ann", "10.0.0.2", 1s);
  EXPECT_EQ(throttle.admit("ann", "10.0.0.2", 1s), 2);
  fail_times(throttle, "ann", "10.0.0.3", 10, 1s);
  EXPECT_EQ(throttle.admit("ann", "10.0.0.4", 1s), 60);
}

TEST(SignInThrottle, AttemptsAtTheSameMomentDoNotShareOnePermission) {
  SignInThrottle throttle;
  fail_times(throttle, "ann", "10.0.0.1", 5, 0s);
  EXPECT_EQ(throttle.admit("ann", "10.0.0.2", 1s), std::nullopt);
  EXPECT_NE(throttle.admit("ann", "10.0.0.3", 1s), std::nullopt);
}

TEST(SignInThrottle, AnAddressThatGuessesManyNamesWaitsToo) {
  SignInThrottle throttle;
  for (int count = 0; count < 20; ++count) throttle.failed("user" + std::to_string(count), "10.0.0.1", 0s);
  EXPECT_EQ(throttle.admit("ann", "10.0.0.1", 0s), 1);
  EXPECT_EQ(throttle.admit("ann", "10.0.0.2", 0s), std::nullopt);
}

TEST(SignInThrottle, SuccessClearsTheNameButNotTheAddress) {
  SignInThrottle throttle;
  fail_times(throttle, "ann", "10.0.0.1", 19, 0s);
  throttle.succeeded("ann", "10.0.0.1", 0s);
  EXPECT_EQ(throttle.admit("ann", "10.0.0.1", 0s), std::nullopt);
  throttle.failed("bob", "10.0.0.1", 0s);
  EXPECT_EQ(throttle.admit("ann", "10.0.0.1", 0s), 1);
}

TEST(SignInThrottle, FailuresAreForgottenAfterSilence) {
  SignInThrottle throttle;
  fail_times(throttle, "ann", "10.0.0.1", 30, 0s);
  EXPECT_EQ(throttle.admit("ann", "10.0.0.1", 15min), std::nullopt);
}

TEST(FailureLedger, IsBounded) {
  FailureLedger ledger(kNameThrottle, 100);
  for (int count = 0; count < 1000; ++count) ledger.failed(std::to_string(count), 0s);
  EXPECT_EQ(ledger.size(), 100U);
}

}  // namespace
}  // namespace ow::identity
