// Replays over HTTP: counted first, then sent in order under new message ids, to the rules that were asked for.
#include <gtest/gtest.h>

#include <set>

#include "app/composed_world.h"

namespace ow::tests {
namespace {

using base::Json;
using namespace std::chrono_literals;

constexpr auto kOperator = "demo-operator";

class ComposedReplay : public testing::Test {
 protected:
  Json posted(const std::string& path, const std::string& body, int status) {
    const auto answer = world.call("POST", path, kOperator, body);
    EXPECT_EQ(answer.status, status) << answer.body;
    return *base::parse_json(answer.body);
  }

  void make_rule(const std::string& name, const std::string& pattern, const std::string& target = "") {
    posted("/api/rules",
           R"({"name":")" + name + R"(","pattern":)" + pattern + R"(,"targets":[{"queue":")" + name +
               R"(","queueKind":"ordered")" + target + "}]}",
           201);
  }

  /// Starts it and runs until it is no longer running.
  Json replay(const std::string& body) {
    const auto id = std::string(*posted("/api/replays", body, 201).string_at("replayId"));
    return ended(id);
  }

  Json ended(const std::string& id) {
    for (int i = 0; i < 400; ++i) {
      auto shown = world.get("/api/replays/" + id);
      if (shown.string_at("status") != "running") return shown;
      world.world.scheduler.run_for(500ms);
    }
    ADD_FAILURE() << "the replay does not end: " << to_text(world.get("/api/replays/" + id));
    return {};
  }

  std::vector<Json> messages(const std::string& queue) { return world.messages(queue); }

  std::int64_t ready(std::string_view queue) {
    const auto list = world.get("/api/queues");
    for (const auto& each : list.find("items")->as_array()) {
      if (each.string_at("name") == queue) return each.integer_at("ready").value_or(-1);
    }
    return -1;
  }

  ComposedWorld world;
};

std::string text(const Json& message, std::string_view member) {
  return std::string(message.find("body")->string_at(member).value_or(""));
}

TEST_F(ComposedReplay, SendsWhatTheRuleMatchesInOrderMarkedAndUnderNewIds) {
  const auto order = world.place();
  world.settle(order);
  make_rule("copy", R"({"source":[{"prefix":"orderwright/"}],"detail-type":[{"prefix":"order."}]})");
  const auto done = replay(R"({"rules":["copy"],"subject":")" + order + R"("})");
  EXPECT_EQ(done.string_at("status"), "completed");
  auto sent = messages("copy");
  ASSERT_EQ(sent.size(), 3U) << to_text(done);
  EXPECT_EQ(text(sent[0], "detail-type"), "order.created");
  EXPECT_EQ(text(sent[2], "detail-type"), "order.completed");
  const auto id = std::string(*done.string_at("replayId"));
  std::set<std::string> ids;
  for (const auto& message : sent) {
    EXPECT_EQ(text(message, "replay-name"), id);
    ids.insert(std::string(*message.string_at("id")));
  }
  replay(R"({"rules":["copy"],"subject":")" + order + R"("})");
  for (const auto& message : messages("copy")) ids.insert(std::string(*message.string_at("id")));
  EXPECT_EQ(ids.size(), 6U);
}

TEST_F(ComposedReplay, ADryRunCountsAndSendsNothing) {
  world.settle(world.place());
  world.settle(world.place());
  make_rule("copy", R"({"detail-type":["order.completed"]})");
  make_rule("other", R"({"detail-type":["order.created","order.completed"]})");
  const auto counted = replay(R"({"dryRun":true})");
  EXPECT_EQ(to_text(*counted.find("byRule")), R"({"other":4,"copy":2})");
  EXPECT_EQ(counted.integer_at("matched"), 4);
  EXPECT_EQ(counted.integer_at("sent"), 0);
  EXPECT_EQ(ready("copy"), 0);
  const auto sent = replay("{}");
  EXPECT_EQ(sent.integer_at("sent"), 6);
  EXPECT_EQ(messages("copy").size(), 2U);
  EXPECT_EQ(messages("other").size(), 4U);
}

TEST_F(ComposedReplay, TakesOnlyEventsOfTheTimesAndThePattern) {
  world.settle(world.place());
  world.world.scheduler.run_for(10min);
  const auto from = base::to_rfc3339(world.world.clock.now());
  const auto second = world.place();
  world.settle(second);
  world.world.scheduler.run_for(10min);
  const auto to = base::to_rfc3339(world.world.clock.now());
  world.settle(world.place());
  make_rule("copy", R"({"source":["orderwright/orders"]})");
  EXPECT_EQ(replay(R"({"from":")" + from + R"(","to":")" + to + R"(","pattern":{"detail-type":["order.completed"]}})")
                .integer_at("sent"),
            1);
  EXPECT_EQ(messages("copy").at(0).find("body")->find("resources")->as_array().at(0), Json(second));
}

TEST_F(ComposedReplay, SendsAtTheRateThatWasAskedFor) {
  for (int i = 0; i < 5; ++i) world.settle(world.place());
  make_rule("copy", R"({"source":[{"prefix":"orderwright/"}]})");
  const auto before = world.world.clock.now();
  const auto done = replay(R"({"ratePerSecond":2})");
  const auto took = world.world.clock.now() - before;
  const auto sent = *done.integer_at("sent");
  EXPECT_GE(sent, 20);
  EXPECT_GE(took, std::chrono::seconds(sent / 2 - 1));
  EXPECT_LE(took, std::chrono::seconds(sent / 2 + 10));
}

TEST_F(ComposedReplay, CanBeCancelled) {
  for (int i = 0; i < 5; ++i) world.settle(world.place());
  make_rule("copy", R"({"source":[{"prefix":"orderwright/"}]})");
  const auto id = std::string(*posted("/api/replays", R"({"ratePerSecond":1})", 201).string_at("replayId"));
  world.world.scheduler.run_for(3s);
  EXPECT_EQ(posted("/api/replays/" + id + "/cancel", R"({"reason":"wrong rule"})", 200).string_at("reason"),
            "wrong rule");
  const auto sent = ready("copy");
  EXPECT_GT(sent, 0);
  EXPECT_LT(sent, 10);
  world.world.scheduler.run_for(1min);
  EXPECT_EQ(ready("copy"), sent);
  posted("/api/replays/" + id + "/cancel", "{}", 409);
}

TEST_F(ComposedReplay, WhatATargetCannotTakeIsADeadLetterAndGoesThroughOnceRedriven) {
  world.settle(world.place());
  make_rule("copy", R"({"detail-type":["order.created"]})", R"(,"inputPath":"$.detail.nowhere")");
  EXPECT_EQ(replay("{}").integer_at("deadLettered"), 1);
  EXPECT_EQ(ready("event-rules.dlq"), 1);
  const auto fixed = world.call("PUT", "/api/rules/copy", kOperator,
                                R"({"pattern":{"detail-type":["order.created"]},"targets":[{"queue":"copy"}]})");
  ASSERT_EQ(fixed.status, 200) << fixed.body;
  world.redrive("event-rules");
  world.world.scheduler.run_for(5s);
  EXPECT_EQ(ready("event-rules.dlq"), 0);
  EXPECT_EQ(ready("copy"), 1);
}

TEST_F(ComposedReplay, RefusalsNameWhatIsWrong) {
  make_rule("copy", R"({"detail-type":["order.created"]})");
  world.call("POST", "/api/rules/copy/disable", kOperator);
  const auto violations = [&](const std::string& body) {
    return to_text(*posted("/api/replays", body, 422).find("violations"));
  };
  EXPECT_EQ(violations(R"({"rules":["copy","none"]})"),
            R"(["rules[0]: the rule copy is disabled","rules[1]: there is no rule none"])");
  EXPECT_EQ(
      violations(R"({"from":"yesterday","ratePerSecond":0,"rules":[]})"),
      R"(["from must be a time as RFC 3339 writes it","rules must name 1 to 20 rules; leave it out for all","ratePerSecond must be an integer from 1 to 100000"])");
  EXPECT_EQ(violations(R"({"to":"2999-01-01T00:00:00Z","pattern":{"a":[]}})"),
            R"(["to must not be in the future","pattern: a: an array must not be empty"])");
  EXPECT_EQ(world.call("GET", "/api/replays/rpl_nope", kOperator).status, 404);
}

}  // namespace
}  // namespace ow::tests
