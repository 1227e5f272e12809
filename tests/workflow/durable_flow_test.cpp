// The durable runner apart from the saga: waits, nudges, commits that are full, loops, branches.
#include <gtest/gtest.h>

#include "workflow/transition_bench.h"

namespace ow::workflow_test {
namespace {

using base::Json;
using base::Result;
using base::Task;
using states::ExecutionStatus;
using workflow::TaskInput;
using workflow::TaskOutcome;
using namespace std::chrono_literals;

Task<Result<TaskOutcome>> echo(TaskInput input) { co_return TaskOutcome{.output = std::move(input.input)}; }

Task<Result<TaskOutcome>> put_many(TaskInput input) {
  TaskOutcome outcome;
  for (int record = 0; record < 60; ++record) {
    platform::Record put;
    put.key = {input.state, std::to_string(record)};
    put.value = "{}";
    outcome.commit.put(std::move(put), platform::Expect::absent());
  }
  co_return outcome;
}

Task<Result<TaskOutcome>> read_then_put(TaskInput input) {
  platform::Key key{"shared", "record"};
  const auto before = co_await platform::get_one(input.store, key);
  TaskOutcome outcome;
  platform::Record put;
  put.key = key;
  put.value = *before ? (*before)->value + "+" : "+";
  outcome.commit.put(std::move(put), platform::Expect::at(*before ? (*before)->version : 0));
  co_return outcome;
}

Task<Result<TaskOutcome>> too_much(TaskInput) { co_return TaskOutcome{.output = Json(std::string(300 << 10, 'x'))}; }

workflow::TaskRegistry tasks() {
  return {{"echo", {echo}},
          {"outside", {echo, true}},
          {"many", {put_many}},
          {"shared", {read_then_put}},
          {"too_much", {too_much}}};
}

struct FlowBench : TransitionBench {
  explicit FlowBench(const std::string& text, Json input = Json::object()) : TransitionBench(tasks()) {
    define("flow", text);
    start("exe_1", "flow", std::move(input));
  }
  void nudge(const std::string& cause) { put(workflows.nudge(base::ExecutionId("exe_1"), cause)); }
};

const char* const kWait = R"({"StartAt":"W","States":{
  "W":{"Type":"Wait","Seconds":1000,"Next":"T"},"T":{"Type":"Task","Resource":"echo","End":true}}})";

TEST(DurableFlow, WaitsByTimer) {
  FlowBench bench(kWait);
  bench.step();
  EXPECT_TRUE(bench.store.messages.empty());
  ASSERT_EQ(bench.store.timers.size(), 1U);
  bench.run();
  EXPECT_EQ(bench.view("exe_1").status, ExecutionStatus::succeeded);
  EXPECT_NEAR(bench.seconds(), 1000, 0.1);
}

TEST(DurableFlow, ANudgeEndsAWaitAndItsTimer) {
  FlowBench bench(kWait);
  bench.step();
  bench.nudge("cancel");
  bench.run();
  EXPECT_EQ(bench.view("exe_1").status, ExecutionStatus::succeeded);
  EXPECT_NEAR(bench.seconds(), 0, 0.1);
  EXPECT_TRUE(bench.store.timers.empty());
}

TEST(DurableFlow, ANudgeOfAnExecutionThatDoesNotWaitIsHarmless) {
  FlowBench bench(kWait);
  bench.run();
  const auto commits = bench.store.commits.size();
  bench.nudge("late");
  bench.run();
  EXPECT_EQ(bench.store.commits.size(), commits + 2);  // the nudge itself and its bare ack
  EXPECT_EQ(bench.store.commits.back().key_count(), 0U);
}

TEST(DurableFlow, ANudgeOfNoExecutionIsHarmless) {
  FlowBench bench(kWait);
  bench.put(bench.workflows.nudge(base::ExecutionId("exe_9"), "x"));
  bench.run();
  EXPECT_TRUE(bench.errors.empty());
}

TEST(DurableFlow, TasksThatDoNotFitIntoOneCommitTakeOneEach) {
  FlowBench bench(R"({"StartAt":"A","States":{
    "A":{"Type":"Task","Resource":"many","Next":"B"},"B":{"Type":"Task","Resource":"many","End":true}}})");
  bench.run();
  EXPECT_EQ(bench.view("exe_1").status, ExecutionStatus::succeeded);
  EXPECT_EQ(bench.store.commits.size(), 3U);
  EXPECT_EQ(bench.store.records.size(), 121U);
}

TEST(DurableFlow, ATaskReadsWhatTheOneBeforeItInTheCommitWrote) {
  FlowBench bench(R"({"StartAt":"A","States":{
    "A":{"Type":"Task","Resource":"shared","Next":"B"},"B":{"Type":"Task","Resource":"shared","End":true}}})");
  bench.run();
  EXPECT_EQ(bench.store.commits.size(), 2U);
  EXPECT_EQ((bench.store.records.at({"shared", "record"}).value), "++");
}

TEST(DurableFlow, ALoopIsCutIntoBoundedCommits) {
  FlowBench bench(R"asl({"StartAt":"Loop","States":{
    "Loop":{"Type":"Pass","Parameters":{"left.$":"States.MathAdd($.left, -1)"},"Next":"More"},
    "More":{"Type":"Choice","Choices":[{"Variable":"$.left","NumericGreaterThan":0,"Next":"Loop"}],"Default":"End"},
    "End":{"Type":"Succeed"}}})asl",
                  Json::object({{"left", 100}}));
  bench.run();
  EXPECT_EQ(bench.view("exe_1").status, ExecutionStatus::succeeded);
  EXPECT_EQ(bench.store.commits.size(), 1U + (201 + 15) / 16);
}

TEST(DurableFlow, BranchesThatCallOutsideTakeAMessageEach) {
  FlowBench bench(R"({"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
    {"StartAt":"A","States":{"A":{"Type":"Task","Resource":"outside","Parameters":{"is":"a"},"End":true}}},
    {"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":50,"Next":"B"},
                             "B":{"Type":"Task","Resource":"outside","Parameters":{"is":"b"},"End":true}}}]}}})");
  bench.run();
  EXPECT_EQ(bench.view("exe_1").status, ExecutionStatus::succeeded);
  EXPECT_EQ(to_text(bench.view("exe_1").output), R"([{"is":"a"},{"is":"b"}])");
  EXPECT_NEAR(bench.seconds(), 50, 0.1);
}

TEST(DurableFlow, AWholeExecutionTimesOutWhileItWaits) {
  FlowBench bench(R"({"TimeoutSeconds":20,"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1000,"End":true}}})");
  bench.run();
  EXPECT_EQ(bench.view("exe_1").error, "States.Timeout");
  EXPECT_NEAR(bench.seconds(), 20, 0.1);
}

TEST(DurableFlow, RefusesAnOutputThatIsTooLarge) {
  FlowBench bench(R"({"StartAt":"A","States":{"A":{"Type":"Task","Resource":"too_much","End":true}}})");
  bench.run();
  EXPECT_EQ(bench.view("exe_1").error, "States.DataLimitExceeded");
}

TEST(DurableFlow, FailsAnExecutionWhoseDataOutgrowsItsRecord) {
  FlowBench bench(R"asl({"StartAt":"A","States":{
    "A":{"Type":"Pass","Parameters":{"a.$":"$","b.$":"$"},"Next":"B"},
    "B":{"Type":"Pass","Parameters":{"a.$":"$","b.$":"$"},"End":true}}})asl",
                  Json(std::string(200 << 10, 'x')));
  bench.run();
  EXPECT_EQ(bench.view("exe_1").error, "States.DataLimitExceeded");
}

TEST(DurableFlow, RefusesADefinitionThatNamesAnUnknownTask) {
  TransitionBench bench(tasks());
  const auto defined =
      bench.workflows.define("x", R"({"StartAt":"A","States":{"A":{"Type":"Task","Resource":"nobody","End":true}}})");
  ASSERT_FALSE(defined.has_value());
  EXPECT_EQ(defined.error().message, "States.A.Resource names 'nobody', which is no task");
}

TEST(DurableFlow, AMessageThatMovesNothingIsAnError) {
  FlowBench bench(kWait);
  bench.store.messages.front().body = R"({"step":"x"})";
  bench.step();
  ASSERT_EQ(bench.errors.size(), 1U);
  EXPECT_EQ(bench.errors[0].code, base::ErrorCode::malformed);
}

}  // namespace
}  // namespace ow::workflow_test
