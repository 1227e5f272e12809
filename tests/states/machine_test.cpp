// The pure machine, without a store: its report for `workflow test`, and that its state is all in its JSON.
#include "states/machine.h"

#include <gtest/gtest.h>

#include "states/offline_run.h"

namespace ow::states {
namespace {

using base::Json;

std::shared_ptr<const Definition> define(std::string_view text) {
  auto definition = Definition::parse(text);
  EXPECT_TRUE(definition.has_value()) << (definition ? "" : definition.error().message);
  return definition ? *definition : nullptr;
}

const char* const kRetry = R"({"StartAt":"T","States":{
  "T":{"Type":"Task","Resource":"r","Retry":[
        {"ErrorEquals":["Busy"],"IntervalSeconds":3,"BackoffRate":1.5,"MaxAttempts":4,"MaxDelaySeconds":6,"JitterStrategy":"FULL"},
        {"ErrorEquals":["States.ALL"],"MaxAttempts":1}],
       "Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.e","Next":"C"}],"End":true},
  "C":{"Type":"Pass","End":true}}})";

Json run(std::string_view definition, std::string_view input, std::string_view mocks) {
  const auto defined = define(definition);
  const auto mocked = *base::parse_json(mocks);
  EXPECT_TRUE(check_mocks(*defined, mocked).has_value());
  return run_offline(*defined, *base::parse_json(input), mocked);
}

TEST(Machine, ReportsVisitsAttemptsAndRetryWaits) {
  const auto report = run(kRetry, "{}", R"({"T":[{"throw":{"error":"Busy"}},{"throw":{"error":"Busy"}},
    {"throw":{"error":"Other"}},{"throw":{"error":"Busy"}},{"return":7}]})");
  EXPECT_EQ(to_text(report), R"({"status":"SUCCEEDED","output":7,"visited":["T"],"attempts":{"T":5},)"
                             R"("retry_waits_s":{"T":[3,4.5,1,6]}})");
}

TEST(Machine, CatchesWhatRetriesDidNotCure) {
  const auto report = run(kRetry, R"({"a":1})",
                          R"({"T":[{"throw":{"error":"X","cause":"one"}},{"throw":{"error":"X","cause":"two"}}]})");
  EXPECT_EQ(to_text(*report.find("output")), R"({"a":1,"e":{"Error":"X","Cause":"two"}})");
  EXPECT_EQ(to_text(*report.find("visited")), R"(["T","C"])");
}

TEST(Machine, ACallPastTheLastMockIsARuntimeErrorThatNothingCatches) {
  const auto report = run(kRetry, "{}", R"({"T":[]})");
  EXPECT_EQ(report.string_at("error"), "States.Runtime");
  EXPECT_EQ(report.string_at("status"), "FAILED");
}

TEST(Machine, RefusesMocksOfAnotherShape) {
  const auto definition = define(kRetry);
  for (const auto* mocks :
       {"[]", R"({"T":{}})", R"({"T":[{}]})", R"({"T":[{"return":1,"throw":{}}]})", R"({"C":[]})", R"({"X":[]})"}) {
    EXPECT_FALSE(check_mocks(*definition, *base::parse_json(mocks)).has_value()) << mocks;
  }
}

TEST(Machine, EndsALoopThatNeverEnds) {
  const auto report =
      run(R"({"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Wait","Seconds":1,"Next":"A"}}})",
          "{}", "null");
  EXPECT_EQ(report.string_at("error"), "States.Runtime");
}

const char* const kTree = R"({"StartAt":"M","States":{
  "M":{"Type":"Map","ItemsPath":"$.items","MaxConcurrency":2,"ItemSelector":{"n.$":"$$.Map.Item.Value","i.$":"$$.Map.Item.Index"},
       "ItemProcessor":{"StartAt":"P","States":{
         "P":{"Type":"Parallel","Assign":{"first.$":"$[0]"},"Branches":[
              {"StartAt":"T","States":{"T":{"Type":"Task","Resource":"r","End":true}}},
              {"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":2,"End":true}}}],"Next":"V"},
         "V":{"Type":"Pass","Parameters":{"v.$":"$first"},"End":true}}},
       "Next":"D"},
  "D":{"Type":"Succeed"}}})";

/// Runs with the execution written to text and read back before every step.
Execution run_through_json(const Definition& definition, Json input, int& steps) {
  auto execution = begin_execution(definition, "exe", std::move(input), {});
  base::Instant now;
  for (steps = 0; execution.status == ExecutionStatus::running && steps < 1000; ++steps) {
    execution = *execution_from_json(*base::parse_json(to_text(to_json(execution))));
    auto action = next_action(definition, execution);
    Event event;
    event.at = action.at;
    if (action.kind == Action::Kind::run_task) {
      event.kind = Event::Kind::returned;
      event.output = std::move(action.input);
    } else if (action.kind == Action::Kind::wait) {
      event.kind = Event::Kind::due;
      now = std::max(now, action.due);
    }
    event.now = now;
    step(definition, execution, std::move(event));
  }
  return execution;
}

TEST(Machine, KeepsItsWholeStateInJson) {
  const auto definition = define(kTree);
  int steps = 0;
  const auto ended = run_through_json(*definition, *base::parse_json(R"({"items":["a","b","c"]})"), steps);
  EXPECT_EQ(to_text(ended.output), R"([{"v":{"n":"a","i":0}},{"v":{"n":"b","i":1}},{"v":{"n":"c","i":2}}])");
  EXPECT_EQ(steps, 20);
}

TEST(Machine, RunsNoMoreItemsAtOnceThanAllowed) {
  const auto definition = define(kTree);
  auto execution = begin_execution(*definition, "exe", *base::parse_json(R"({"items":[1,2,3]})"), {});
  step(*definition, execution, {.kind = Event::Kind::proceed, .at = {}});
  ASSERT_EQ(execution.root.children.size(), 3U);
  EXPECT_EQ(execution.root.children[1].phase, Phase::ready);
  EXPECT_EQ(execution.root.children[2].phase, Phase::pending);
}

TEST(Machine, GivesATaskOneKeyPerEntryAndAnotherPerEntry) {
  const auto definition = define(kRetry);
  auto execution = begin_execution(*definition, "exe", Json::object(), {});
  step(*definition, execution, {.kind = Event::Kind::proceed, .at = {}});
  const auto first = next_action(*definition, execution);
  step(*definition, execution, {.kind = Event::Kind::threw, .at = {}, .failure = {"Busy", ""}});
  step(*definition, execution, {.kind = Event::Kind::due, .at = {}});
  const auto second = next_action(*definition, execution);
  EXPECT_EQ(first.key, second.key);
  EXPECT_EQ(second.attempt, 2);
  const auto other = begin_execution(*definition, "other", Json::object(), {});
  auto entered = other;
  step(*definition, entered, {.kind = Event::Kind::proceed, .at = {}});
  EXPECT_NE(next_action(*definition, entered).key, first.key);
}

TEST(Machine, IgnoresAnEventThatDoesNotFit) {
  const auto definition = define(kRetry);
  auto execution = begin_execution(*definition, "exe", Json::object(), {});
  const auto before = to_text(to_json(execution));
  step(*definition, execution, {.kind = Event::Kind::returned, .at = {}});
  step(*definition, execution, {.kind = Event::Kind::due, .at = {}});
  step(*definition, execution, {.kind = Event::Kind::resumed});
  EXPECT_EQ(to_text(to_json(execution)), before);
}

TEST(Machine, FailsAnExecutionWhoseStateIsGone) {
  const auto old = define(kRetry);
  const auto changed = define(R"({"StartAt":"Z","States":{"Z":{"Type":"Succeed"}}})");
  auto execution = begin_execution(*old, "exe", Json::object(), {});
  auto action = next_action(*changed, execution);
  step(*changed, execution, {.kind = Event::Kind::proceed, .at = action.at});
  EXPECT_EQ(execution.status, ExecutionStatus::failed);
  EXPECT_EQ(execution.error, "States.Runtime");
}

TEST(Machine, DrawsTheSameRandomValueAgain) {
  const char* text =
      R"asl({"StartAt":"T","States":{"T":{"Type":"Task","Resource":"r","Parameters":{"u.$":"States.UUID()"},"End":true}}})asl";
  const auto definition = define(text);
  auto execution = begin_execution(*definition, "exe", Json::object(), {});
  step(*definition, execution, {.kind = Event::Kind::proceed, .at = {}});
  const auto first = next_action(*definition, execution).input;
  EXPECT_EQ(to_text(first), to_text(next_action(*definition, execution).input));
  EXPECT_EQ(first.string_at("u")->size(), 36U);
}

}  // namespace
}  // namespace ow::states
