// The durable runner on a saga: what is in each commit, and that no crash, repetition or silence of the gateway
// changes the outcome or doubles an effect.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "workflow/saga.h"
#include "workflow/transition_bench.h"

namespace ow::workflow_test {
namespace {

using base::Json;
using states::ExecutionStatus;
using Fate = TransitionBench::Fate;
using namespace std::chrono_literals;

struct SagaBench {
  explicit SagaBench(Json input = Json::object({{"orderId", "ord_1"}})) {
    bench.define("saga", kSaga);
    bench.start("exe_1", "saga", std::move(input));
  }
  std::vector<std::string> effects() const {
    std::vector<std::string> types;
    for (const auto& event : bench.store.events) types.push_back(event.type);
    return types;
  }
  workflow::ExecutionView view() { return bench.view("exe_1"); }

  Gateway gateway;
  TransitionBench bench{saga_tasks(gateway)};
};

using Effects = std::vector<std::string>;
const Effects kHappy = {"validate", "reserve", "charge", "confirm"};

TEST(DurableSaga, StartsWithOneKey) {
  const SagaBench saga;
  EXPECT_EQ(saga.bench.store.commits.at(0).key_count(), 1U);
}

TEST(DurableSaga, TakesTwoCommitsWhenAllGoesWell) {
  SagaBench saga;
  saga.bench.run();
  EXPECT_EQ(saga.view().status, ExecutionStatus::succeeded);
  EXPECT_EQ(to_text(saga.view().output), R"({"done":"confirm"})");
  EXPECT_EQ(saga.effects(), kHappy);
  ASSERT_EQ(saga.bench.store.commits.size(), 3U);  // start, [Validate, Reserve], [Charge, Confirm]
  EXPECT_EQ(saga.bench.store.commits[1].events().size(), 2U);
  EXPECT_EQ(saga.bench.store.commits[1].messages().size(), 1U);
  EXPECT_EQ(saga.bench.store.commits[2].messages().size(), 0U);
}

TEST(DurableSaga, KeepsARecordOfAFewHundredBytes) {
  SagaBench saga;
  saga.bench.step();
  ASSERT_EQ(saga.bench.store.records.size(), 1U);
  EXPECT_LT(saga.bench.store.records.begin()->second.value.size(), 400U)
      << saga.bench.store.records.begin()->second.value;
}

TEST(DurableSaga, KeepsAFinishedRecordForThirtyDays) {
  SagaBench saga;
  saga.bench.step();
  EXPECT_FALSE(saga.bench.store.records.begin()->second.expires);
  saga.bench.run();
  EXPECT_EQ(saga.bench.store.records.begin()->second.expires, saga.view().changed + 30 * 24h);
}

TEST(DurableSaga, KeepsAFinishedRecordAsLongAsItIsTold) {
  Gateway gateway;
  TransitionBench bench{saga_tasks(gateway), 3 * 24h};
  bench.define("saga", kSaga);
  bench.start("exe_1", "saga", Json::object({{"orderId", "ord_1"}}));
  bench.run();
  EXPECT_EQ(bench.store.records.begin()->second.expires, bench.view("exe_1").changed + 3 * 24h);
}

TEST(DurableSaga, IgnoresASecondStartBeforeAndAfterTheEnd) {
  SagaBench saga;
  saga.bench.start("exe_1", "saga", Json::object());
  EXPECT_EQ(saga.bench.store.messages.size(), 1U);
  auto again = saga.bench.store.messages.front();
  saga.bench.run();
  again.id = base::MessageId("another");
  saga.bench.store.messages.push_back(again);
  saga.bench.run();
  EXPECT_EQ(saga.effects(), kHappy);
}

TEST(DurableSaga, CallsOutsideOnlyAfterItsEntryIsDurable) {
  SagaBench saga;
  saga.bench.step();
  EXPECT_TRUE(saga.gateway.calls.empty());
  EXPECT_EQ(saga.view().state, "Charge");
}

TEST(DurableSaga, CompensatesInReverseOrderOfWhatWasDone) {
  SagaBench saga(Json::object({{"orderId", "ord_1"}, {"confirmFails", true}}));
  saga.bench.run();
  EXPECT_EQ(saga.effects(), (Effects{"validate", "reserve", "charge", "confirm", "refund", "release"}));
  EXPECT_EQ(saga.view().status, ExecutionStatus::failed);
  EXPECT_EQ(saga.view().error, "Order.NotConfirmed");
}

TEST(DurableSaga, MakesTheCommitOfAFailedTaskWithTheTransitionItCauses) {
  SagaBench saga;
  saga.gateway.declines = true;
  saga.bench.run();
  EXPECT_EQ(saga.effects(), (Effects{"validate", "reserve", "declined", "release"}));
  EXPECT_EQ(saga.view().error, "Payment.Declined");
}

TEST(DurableSaga, RetriesByTimerUnderOneKey) {
  SagaBench saga;
  saga.gateway.throttled = 2;
  saga.bench.run();
  EXPECT_EQ(saga.effects(), kHappy);
  ASSERT_EQ(saga.gateway.calls.size(), 3U);
  const auto key = saga.gateway.calls[0].substr(0, 40);
  EXPECT_EQ(saga.gateway.calls[2], key + " 3");
  EXPECT_NEAR(saga.bench.seconds(), 2 + 4, 0.1);
}

TEST(DurableSaga, RepeatsTheSameAttemptWhenTheOutcomeIsUnknown) {
  SagaBench saga;
  saga.gateway.answers_lost = 4;
  saga.bench.run();
  EXPECT_EQ(saga.effects(), kHappy);
  EXPECT_EQ(saga.gateway.charged_by_key.size(), 1U);
  EXPECT_EQ(saga.gateway.calls.size(), 5U);
  EXPECT_EQ(saga.gateway.calls.front(), saga.gateway.calls.back());
  EXPECT_TRUE(saga.bench.errors.empty()) << "the message would have reached the dead-letter queue";
}

TEST(DurableSaga, TimesOutAnUnknownOutcomeFromTheTimeOfEntry) {
  SagaBench saga;
  saga.gateway.answers_lost = 1'000;
  saga.bench.run();
  EXPECT_EQ(saga.effects(), (Effects{"validate", "reserve", "release"}));
  EXPECT_EQ(saga.view().error, "States.Timeout");
  EXPECT_NEAR(saga.bench.seconds(), 300, 0.1);
}

TEST(DurableSaga, DoesNotBeginATaskWhoseTimeIsOver) {
  SagaBench saga;
  saga.bench.step();
  saga.bench.advance(301s);
  saga.bench.run();
  EXPECT_TRUE(saga.gateway.calls.empty());
  EXPECT_EQ(saga.view().error, "States.Timeout");
}

TEST(DurableSaga, ParksWithWhatIsOwedAndIsRedrivenUnderTheSameKey) {
  SagaBench saga(Json::object({{"orderId", "ord_1"}, {"confirmFails", true}}));
  saga.gateway.refund_fails = true;
  saga.bench.run();
  EXPECT_EQ(saga.view().status, ExecutionStatus::parked);
  EXPECT_EQ(saga.view().state, "Refund");
  EXPECT_EQ(saga.effects().back(), "obligation");
  const auto refused = saga.gateway.calls.back();

  saga.gateway.refund_fails = false;
  auto redrive =
      run_now(saga.bench.workflows.control().redrive(base::ExecutionId("exe_1"), {}, {"oscar", "paid by hand"}));
  ASSERT_TRUE(redrive.has_value());
  saga.bench.put(std::move(*redrive));
  saga.bench.run();
  EXPECT_EQ(saga.view().status, ExecutionStatus::failed);
  EXPECT_EQ(saga.effects().back(), "release");
  EXPECT_EQ(refused.substr(0, 40), saga.gateway.calls.back().substr(0, 40));
}

TEST(DurableSaga, RedrivesOnlyWhatDidNotSucceed) {
  SagaBench saga;
  EXPECT_EQ(run_now(saga.bench.workflows.control().redrive(base::ExecutionId("exe_9"), {}, {})).error().code,
            base::ErrorCode::not_found);
  saga.bench.run();
  EXPECT_EQ(run_now(saga.bench.workflows.control().redrive(base::ExecutionId("exe_1"), {}, {})).error().code,
            base::ErrorCode::conflict);
}

TEST(DurableSaga, PassesTheTraceOn) {
  SagaBench saga;
  saga.bench.step();
  EXPECT_EQ(saga.bench.store.messages.front().traceparent, "trace-exe_1");
}

/// Runs a saga under a list of fates and compares with an undisturbed run.
void expect_same_as_undisturbed(const std::vector<Fate>& fates, bool confirm_fails, int answers_lost) {
  const auto input = Json::object({{"orderId", "ord_1"}, {"confirmFails", confirm_fails}});
  SagaBench plain(input);
  plain.bench.run();
  SagaBench disturbed(input);
  disturbed.gateway.answers_lost = answers_lost;
  for (const auto fate : fates) disturbed.bench.step(fate);
  disturbed.bench.run();
  EXPECT_EQ(disturbed.effects(), plain.effects());
  EXPECT_EQ(disturbed.view().status, plain.view().status);
  EXPECT_EQ(disturbed.view().output, plain.view().output);
  EXPECT_EQ(disturbed.view().error, plain.view().error);
  EXPECT_EQ(disturbed.gateway.charged_by_key.size(), 1U);
}

TEST(DurableSaga, SurvivesACrashAtEveryTransition) {
  for (const bool confirm_fails : {false, true}) {
    for (std::size_t crash = 0; crash < 6; ++crash) {
      std::vector<Fate> fates(crash, Fate::handled);
      fates.push_back(Fate::lost);
      expect_same_as_undisturbed(fates, confirm_fails, 0);
    }
  }
}

RC_GTEST_PROP(DurableSaga, GivesTheSameUnderAnyCrashesRepetitionsAndSilence, ()) {
  const auto fates =
      *rc::gen::container<std::vector<Fate>>(rc::gen::element(Fate::handled, Fate::lost, Fate::repeated));
  expect_same_as_undisturbed(fates, *rc::gen::arbitrary<bool>(), *rc::gen::inRange(0, 4));
}

}  // namespace
}  // namespace ow::workflow_test
