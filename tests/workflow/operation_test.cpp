// What operators do with executions: pause and resume, stop, redrive (also onto another version, also inside
// Parallel and Map), and answers to task tokens. Test thread only.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workflow/history_pages.h"
#include "workflow/transition_bench.h"

namespace ow::workflow_test {
namespace {

using base::ErrorCode;
using base::Json;
using base::Result;
using base::Task;
using states::ExecutionStatus;
using testing::ElementsAre;
using testing::IsEmpty;
using workflow::CallbackAnswer;
using workflow::TaskFailure;
using workflow::TaskInput;
using workflow::TaskOutcome;
using namespace std::chrono_literals;

/// Tasks whose effects are events of the execution, and that can be made to fail.
struct Workshop {
  std::set<std::string> failing;    // state names
  std::vector<std::string> tokens;  // handed out
  std::vector<std::string> keys;    // of calls to the outside

  workflow::TaskRegistry tasks() {
    return {{"do", {[this](TaskInput input) { return work(std::move(input)); }}},
            {"outside", {[this](TaskInput input) { return work(std::move(input)); }, true}},
            {"ask", {[this](TaskInput input) { return ask(std::move(input)); }, true}}};
  }

  Task<Result<TaskOutcome>> work(TaskInput input) {
    keys.push_back(input.state + " " + input.key + " " + std::to_string(input.attempt));
    TaskOutcome outcome;
    if (failing.contains(input.state)) {
      outcome.failure = TaskFailure{"Broken", input.state};
      co_return outcome;
    }
    outcome.commit.event({input.execution.text, "did." + input.state, "test", "{}", input.entered});
    outcome.output = input.input;
    co_return outcome;
  }

  Task<Result<TaskOutcome>> ask(TaskInput input) {
    tokens.emplace_back(input.input.string_at("token").value_or(""));
    co_return TaskOutcome{};
  }
};

struct Operated : testing::Test {
  void define(const std::string& text, Json input = Json::object()) {
    bench.define("flow", text);
    bench.start("exe_1", "flow", std::move(input));
  }
  /// Commits what an operation answers; its error's reason, or "".
  std::string apply(Result<platform::Commit> commit) {
    if (!commit) return commit.error().reason;
    bench.put(std::move(*commit));
    return {};
  }
  std::string pause() { return apply(run_now(control().pause(id, {"oscar", "look"}))); }
  std::string resume() { return apply(run_now(control().resume(id, {"oscar", ""}))); }
  std::string stop() { return apply(run_now(control().stop(id, {"oscar", "enough"}))); }
  std::string redrive(std::optional<std::int64_t> version = {}) {
    return apply(run_now(control().redrive(id, version, {"oscar", "mended"})));
  }
  std::string answer(const std::string& token, CallbackAnswer given) {
    return apply(run_now(control().answer(token, std::move(given))));
  }
  workflow::ExecutionControl& control() { return bench.workflows.control(); }
  std::vector<std::string> effects() {
    std::vector<std::string> types;
    for (const auto& event : bench.store.events) types.push_back(event.type);
    return types;
  }
  ExecutionStatus status() { return bench.view("exe_1").status; }
  Json::Array history() {
    auto stored = run_now(control().get(id));
    return run_now(workflow::read_history(bench.store, stored->execution, 1, 100'000))->entries;
  }

  const base::ExecutionId id{"exe_1"};
  Workshop workshop;
  TransitionBench bench{workshop.tasks()};
};

const char* const kTwoWaits = R"({"StartAt":"A","States":{
  "A":{"Type":"Task","Resource":"do","Next":"W"},
  "W":{"Type":"Wait","Seconds":100,"Next":"B"},
  "B":{"Type":"Task","Resource":"do","End":true}}})";

TEST_F(Operated, a_paused_execution_stands_still_until_it_is_resumed) {
  define(kTwoWaits);
  bench.step();
  EXPECT_EQ(pause(), "");
  EXPECT_EQ(pause(), "execution_is_paused");
  EXPECT_THAT(bench.store.timers, IsEmpty());
  bench.advance(1000s);
  bench.run();
  EXPECT_THAT(effects(), ElementsAre("did.A"));
  EXPECT_EQ(resume(), "");
  EXPECT_EQ(resume(), "execution_is_not_paused");
  bench.run();
  EXPECT_THAT(effects(), ElementsAre("did.A", "did.B"));
  EXPECT_EQ(status(), ExecutionStatus::succeeded);
}

TEST_F(Operated, a_nudge_during_a_pause_ends_the_wait_after_it) {
  define(kTwoWaits);
  bench.step();
  pause();
  bench.put(bench.workflows.nudge(id, "cancel"));
  bench.run();
  EXPECT_EQ(effects().size(), 1U);
  resume();
  bench.run();
  EXPECT_NEAR(bench.seconds(), 0, 0.1);
  EXPECT_EQ(status(), ExecutionStatus::succeeded);
}

TEST_F(Operated, the_clocks_of_time_outs_stand_still_while_paused) {
  define(R"({"StartAt":"A","TimeoutSeconds":60,"States":{
    "A":{"Type":"Wait","Seconds":50,"Next":"B"},"B":{"Type":"Task","Resource":"do","TimeoutSeconds":5,"End":true}}})");
  bench.step();
  pause();
  bench.advance(500s);
  resume();
  bench.run();
  EXPECT_EQ(status(), ExecutionStatus::succeeded);
}

TEST_F(Operated, a_definition_holds_its_executions_and_lets_them_go) {
  define(kTwoWaits);
  ASSERT_TRUE(run_now(bench.workflows.publish()).has_value());
  auto& book = bench.workflows.definitions();
  auto paused = run_now(book.pause("flow", true, 0, {"oscar", "incident"}));
  ASSERT_TRUE(paused.has_value());
  book.expect_change();
  bench.put(std::move(paused->commit));
  bench.run();
  EXPECT_THAT(effects(), IsEmpty());
  EXPECT_EQ(status(), ExecutionStatus::running);
  EXPECT_EQ(resume(), "definition_is_paused");
  auto resumed = run_now(book.pause("flow", false, 0, {"oscar", "over"}));
  bench.put(std::move(resumed->commit));
  EXPECT_EQ(apply(run_now(control().release(id))), "");
  bench.run();
  EXPECT_THAT(effects(), ElementsAre("did.A", "did.B"));
}

TEST_F(Operated, a_stopped_execution_goes_on_where_it_was_when_redriven) {
  define(kTwoWaits);
  bench.step();
  EXPECT_EQ(stop(), "");
  EXPECT_EQ(stop(), "execution_has_ended");
  EXPECT_EQ(bench.view("exe_1").error, "Execution.Stopped");
  bench.run();
  EXPECT_THAT(effects(), ElementsAre("did.A"));
  EXPECT_EQ(redrive(), "");
  EXPECT_EQ(redrive(), "execution_has_not_failed");
  bench.run();
  EXPECT_THAT(effects(), ElementsAre("did.A", "did.B"));
}

TEST_F(Operated, a_redrive_runs_only_what_failed_and_under_the_same_key) {
  define(R"({"StartAt":"A","States":{
    "A":{"Type":"Task","Resource":"do","Next":"P"},
    "P":{"Type":"Parallel","Next":"Z","Branches":[
      {"StartAt":"L","States":{"L":{"Type":"Task","Resource":"do","End":true}}},
      {"StartAt":"R1","States":{"R1":{"Type":"Task","Resource":"do","Next":"R2"},"R2":{"Type":"Task","Resource":"outside","End":true}}}]},
    "Z":{"Type":"Task","Resource":"do","End":true}}})");
  workshop.failing = {"R2"};
  bench.run();
  EXPECT_EQ(status(), ExecutionStatus::failed);
  const auto failed_key = workshop.keys.back();
  workshop.failing.clear();
  EXPECT_EQ(redrive(), "");
  bench.run();
  EXPECT_EQ(status(), ExecutionStatus::succeeded);
  EXPECT_THAT(effects(), ElementsAre("did.A", "did.L", "did.R1", "did.R2", "did.Z"));
  const auto& redriven_key = workshop.keys[workshop.keys.size() - 2];
  EXPECT_EQ(failed_key.substr(0, 43), redriven_key.substr(0, 43));
  EXPECT_TRUE(failed_key.ends_with(" 1") && redriven_key.ends_with(" 2"));
}

TEST_F(Operated, a_redrive_of_a_map_runs_only_the_items_that_failed) {
  define(R"({"StartAt":"M","States":{"M":{"Type":"Map","MaxConcurrency":1,"ToleratedFailureCount":0,"End":true,
    "ItemProcessor":{"StartAt":"C","States":{
      "C":{"Type":"Choice","Choices":[{"Variable":"$","NumericEquals":2,"Next":"T2"}],"Default":"T"},
      "T":{"Type":"Task","Resource":"do","End":true},"T2":{"Type":"Task","Resource":"do","End":true}}}}}})",
         Json::array({1, 2, 3}));
  workshop.failing = {"T2"};
  bench.run();
  EXPECT_EQ(bench.view("exe_1").error, "States.ExceedToleratedFailureThreshold");
  workshop.failing.clear();
  EXPECT_EQ(redrive(), "");
  bench.run();
  EXPECT_EQ(status(), ExecutionStatus::succeeded);
  EXPECT_THAT(effects(), ElementsAre("did.T", "did.T2", "did.T"));
  EXPECT_EQ(to_text(bench.view("exe_1").output), "[1,2,3]");
}

TEST_F(Operated, a_redrive_after_a_failed_join_joins_again) {
  define(R"({"StartAt":"P","States":{"P":{"Type":"Parallel","ResultSelector":{"x.$":"$[5]"},"End":true,"Branches":[
    {"StartAt":"L","States":{"L":{"Type":"Task","Resource":"do","End":true}}}]}}})");
  bench.run();
  EXPECT_EQ(status(), ExecutionStatus::failed);
  ASSERT_TRUE(run_now(bench.workflows.publish()).has_value());
  auto fixed = run_now(bench.workflows.definitions().upload(
      {"flow",
       R"({"StartAt":"P","States":{"P":{"Type":"Parallel","ResultSelector":{"x.$":"$[0]"},"End":true,"Branches":[
        {"StartAt":"L","States":{"L":{"Type":"Task","Resource":"do","End":true}}}]}}})",
       0},
      {"oscar", "fix"}));
  ASSERT_TRUE(fixed.has_value());
  bench.put(std::move(fixed->commit));
  EXPECT_EQ(redrive(2), "");
  bench.run();
  EXPECT_EQ(status(), ExecutionStatus::succeeded);
  EXPECT_EQ(bench.view("exe_1").version, 2);
  EXPECT_THAT(effects(), ElementsAre("did.L"));
}

TEST_F(Operated, a_version_that_lacks_the_state_is_refused_and_named) {
  define(R"({"StartAt":"A","States":{"A":{"Type":"Task","Resource":"do","End":true}}})");
  workshop.failing = {"A"};
  bench.run();
  ASSERT_TRUE(run_now(bench.workflows.publish()).has_value());
  auto other = run_now(bench.workflows.definitions().upload(
      {"flow", R"({"StartAt":"B","States":{"B":{"Type":"Task","Resource":"do","End":true}}})", 0},
      {"oscar", "renamed"}));
  bench.put(std::move(other->commit));
  const auto refused = run_now(control().redrive(id, 2, {"oscar", ""}));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, "incompatible_definition");
  EXPECT_THAT(refused.error().violations, ElementsAre("States.A is gone"));
  EXPECT_EQ(redrive(7), "version_not_found");
  EXPECT_EQ(status(), ExecutionStatus::failed);
}

const char* const kCallback = R"({"StartAt":"Ask","States":{
  "Ask":{"Type":"Task","Resource":"ask.waitForTaskToken","HeartbeatSeconds":30,"TimeoutSeconds":100,
    "Parameters":{"token.$":"$$.Task.Token"},
    "Retry":[{"ErrorEquals":["States.HeartbeatTimeout"],"MaxAttempts":1,"IntervalSeconds":1}],
    "Catch":[{"ErrorEquals":["Refused"],"ResultPath":"$.why","Next":"No"}],"Next":"Yes"},
  "Yes":{"Type":"Task","Resource":"do","End":true},
  "No":{"Type":"Task","Resource":"do","End":true}}})";

TEST_F(Operated, a_task_token_is_answered_once) {
  define(kCallback);
  bench.step();
  bench.step();
  ASSERT_EQ(workshop.tokens.size(), 1U);
  EXPECT_EQ(answer(workshop.tokens[0], {CallbackAnswer::Kind::success, Json(7), {}}), "");
  EXPECT_EQ(answer(workshop.tokens[0], {CallbackAnswer::Kind::success, Json(8), {}}), "task_token_over");
  bench.run();
  EXPECT_EQ(to_text(bench.view("exe_1").output), "7");
  EXPECT_EQ(answer(workshop.tokens[0], {CallbackAnswer::Kind::failure, {}, {"Refused", ""}}), "execution_has_ended");
}

TEST_F(Operated, an_error_given_for_a_token_is_caught_by_name) {
  define(kCallback);
  bench.step();
  bench.step();
  EXPECT_EQ(answer(workshop.tokens[0], {CallbackAnswer::Kind::failure, {}, {"Refused", "no"}}), "");
  bench.run();
  EXPECT_THAT(effects(), ElementsAre("did.No"));
}

TEST_F(Operated, a_heart_that_stops_fails_the_attempt_and_its_token_is_over) {
  define(kCallback);
  bench.step();
  bench.step();
  bench.advance(20s);
  EXPECT_EQ(answer(workshop.tokens[0], {}), "");
  bench.advance(20s);
  EXPECT_EQ(answer(workshop.tokens[0], {}), "");
  bench.run();
  ASSERT_EQ(workshop.tokens.size(), 2U);
  EXPECT_NE(workshop.tokens[0], workshop.tokens[1]);
  EXPECT_EQ(bench.view("exe_1").error, "States.HeartbeatTimeout");
  EXPECT_NEAR(bench.seconds(), 40 + 30 + 1 + 30, 0.5);
  EXPECT_EQ(answer(workshop.tokens[0], {CallbackAnswer::Kind::success, {}, {}}), "execution_has_ended");
}

TEST_F(Operated, heartbeats_do_not_outlast_the_timeout) {
  define(kCallback);
  bench.step();
  bench.step();
  for (int beat = 0; beat < 4; ++beat) {
    bench.advance(24s);
    EXPECT_EQ(answer(workshop.tokens[0], {}), "");
  }
  bench.run();
  EXPECT_EQ(bench.view("exe_1").error, "States.Timeout");
  EXPECT_NEAR(bench.seconds(), 100, 0.5);
}

TEST_F(Operated, a_token_that_was_never_handed_out_is_unknown) {
  define(kCallback);
  bench.step();
  bench.step();
  auto forged = workshop.tokens[0];
  forged.back() = forged.back() == '0' ? '1' : '0';
  for (const auto& token :
       {forged, std::string("x"), std::string("exe_1.1.1.ff"), std::string("exe_9") + forged.substr(5)}) {
    EXPECT_EQ(answer(token, {CallbackAnswer::Kind::success, {}, {}}), "task_token_unknown") << token;
  }
  EXPECT_EQ(status(), ExecutionStatus::running);
}

TEST_F(Operated, a_task_that_hands_its_token_out_twice_after_a_crash_hands_out_the_same) {
  define(kCallback);
  bench.step();
  bench.step(TransitionBench::Fate::lost);
  bench.step();
  ASSERT_EQ(workshop.tokens.size(), 2U);
  EXPECT_EQ(workshop.tokens[0], workshop.tokens[1]);
}

TEST_F(Operated, the_history_says_what_was_done_by_whom) {
  define(R"({"StartAt":"A","States":{"A":{"Type":"Task","Resource":"do","Next":"B"},
    "B":{"Type":"Task","Resource":"do","Retry":[{"ErrorEquals":["Broken"],"MaxAttempts":1,"IntervalSeconds":5}],"End":true}}})",
         Json::object({{"n", 1}}));
  workshop.failing = {"B"};
  bench.run();
  workshop.failing.clear();
  redrive();
  bench.run();
  std::vector<std::string> lines;
  for (const auto& entry : history()) {
    lines.push_back(entry.find("action") != nullptr
                        ? to_text(*entry.find("action")) + " by " + to_text(*entry.find("by"))
                        : to_text(*entry.find("state")) + " " + to_text(*entry.find("outcome")) + " " +
                              to_text(*entry.find("attempt")) + " " + to_text(*entry.find("input")));
  }
  EXPECT_THAT(lines,
              ElementsAre(R"("A" "succeeded" 1 {"n":1})", R"("B" "retried" 1 {"n":1})", R"("B" "failed" 2 {"n":1})",
                          R"("redriven" by "oscar")", R"("B" "succeeded" 3 {"n":1})"));
}

TEST_F(Operated, a_long_history_is_bounded_and_keeps_its_begin_and_its_end) {
  define(R"asl({"StartAt":"Loop","States":{
    "Loop":{"Type":"Pass","Parameters":{"left.$":"States.MathAdd($.left, -1)","big.$":"$.big"},"Next":"More"},
    "More":{"Type":"Choice","Choices":[{"Variable":"$.left","NumericGreaterThan":0,"Next":"Loop"}],"Default":"End"},
    "End":{"Type":"Succeed"}}})asl",
         Json::object({{"left", 3000}, {"big", std::string(3000, 'x')}}));
  while (bench.step()) continue;
  EXPECT_EQ(status(), ExecutionStatus::succeeded);
  std::size_t pages = 0;
  for (const auto& [key, record] : bench.store.records) {
    pages += record.kind == "execution_history" ? 1 : 0;
    EXPECT_LT(record.value.size(), 40U << 10) << key.sort;
    if (record.kind != "execution") EXPECT_TRUE(record.expires.has_value());
  }
  EXPECT_EQ(pages, 64U);
  const auto entries = history();
  EXPECT_EQ(entries.front().integer_at("number"), 1);
  EXPECT_EQ(entries.front().find("output")->integer_at("left"), 2999);
  EXPECT_EQ(entries.front().find("output")->string_at("big")->size(), 3000U);
  EXPECT_EQ(entries.back().integer_at("number"), 6001);
  EXPECT_LT(entries.size(), 6001U);
}

}  // namespace
}  // namespace ow::workflow_test
