// Rules made over HTTP route what is committed afterwards.
#include <gtest/gtest.h>

#include "app/composed_world.h"

namespace ow::tests {
namespace {

using base::Json;

constexpr auto kOperator = "demo-operator";

std::int64_t ready(ComposedWorld& world, std::string_view queue) {
  const auto list = world.get("/api/queues");
  for (const auto& each : list.find("items")->as_array()) {
    if (each.string_at("name") == queue) return each.integer_at("ready").value_or(-1);
  }
  return -1;
}

http::Response create(ComposedWorld& world, const std::string& body) {
  return world.call("POST", "/api/rules", kOperator, body);
}

std::string rule(const std::string& name, const std::string& targets) {
  return R"({"name":")" + name + R"(","pattern":{"detail-type":["order.completed"]},"targets":)" + targets + "}";
}

TEST(ComposedRules, ARuleRoutesWhatIsCommittedAfterItUntilItIsDisabledOrDeleted) {
  ComposedWorld world;
  world.settle(world.place());
  ASSERT_EQ(create(world, rule("done", R"([{"queue":"done","queueKind":"ordered"}])")).status, 201);
  EXPECT_EQ(ready(world, "done"), 0);
  world.settle(world.place());
  EXPECT_EQ(ready(world, "done"), 1);
  ASSERT_EQ(world.call("POST", "/api/rules/done/disable", kOperator).status, 200);
  world.settle(world.place());
  EXPECT_EQ(ready(world, "done"), 1);
  ASSERT_EQ(world.call("POST", "/api/rules/done/enable", kOperator).status, 200);
  world.settle(world.place());
  EXPECT_EQ(ready(world, "done"), 2);
  ASSERT_EQ(world.call("DELETE", "/api/rules/done", kOperator).status, 200);
  world.settle(world.place());
  EXPECT_EQ(ready(world, "done"), 2);
  EXPECT_EQ(world.call("GET", "/api/rules/done", kOperator).status, 404);
}

TEST(ComposedRules, AReplacedRuleRoutesByItsNewPattern) {
  ComposedWorld world;
  ASSERT_EQ(create(world, rule("done", R"([{"queue":"done","queueKind":"fair"}])")).status, 201);
  const auto replaced = world.call("PUT", "/api/rules/done", kOperator,
                                   R"({"pattern":{"source":["nobody"]},"targets":[{"queue":"done"}]})");
  ASSERT_EQ(replaced.status, 200) << replaced.body;
  world.settle(world.place());
  EXPECT_EQ(ready(world, "done"), 0);
}

TEST(ComposedRules, WhatATargetCannotTakeIsADeadLetter) {
  ComposedWorld world;
  const auto made = create(
      world,
      rule("lost", R"([{"queue":"event-rules","inputPath":"$.detail.nowhere"},{"queue":"fine","queueKind":"fair"}])"));
  ASSERT_EQ(made.status, 201) << made.body;
  world.settle(world.place());
  EXPECT_EQ(ready(world, "event-rules.dlq"), 1);
  EXPECT_EQ(ready(world, "fine"), 1);
}

TEST(ComposedRules, RefusalsNameWhatIsWrongAndChangeNothing) {
  ComposedWorld world;
  EXPECT_EQ(create(world, rule("x", R"([{"queue":"nobody-made-it"}])"))
                    .body.find("targets[0].queue names the queue nobody-made-it") == std::string::npos,
            false);
  const auto refused = create(world, R"({"name":"a b","pattern":{"a":[]},"targets":[]})");
  EXPECT_EQ(refused.status, 422);
  const auto violations = base::parse_json(refused.body)->find("violations")->as_array();
  ASSERT_EQ(violations.size(), 3U) << refused.body;
  EXPECT_EQ(violations[1].as_string(), "pattern: a: an array must not be empty");
  EXPECT_EQ(create(world, R"({"name":"a","colour":1,"pattern":{"a":[1]},"targets":[{"queue":"q"}]})").status, 400);
  const auto left = world.get("/api/rules");
  for (const auto& each : left.find("items")->as_array()) EXPECT_TRUE(*each.bool_at("system")) << to_text(each);
  EXPECT_EQ(world.call("GET", "/api/rules", "demo-shopper").status, 403);
}

TEST(ComposedRules, NoRuleFeedsAQueueOfThePlatformsOwnWork) {
  ComposedWorld world;
  for (const std::string queue : {"workflow-transitions", "mail", "receipts", "webhooks"}) {
    const auto refused = create(world, rule("x", R"([{"queue":")" + queue + R"("}])"));
    EXPECT_EQ(refused.status, 422) << queue;
    EXPECT_NE(refused.body.find("targets[0].queue names " + queue), std::string::npos) << refused.body;
  }
}

std::vector<std::string> listed(ComposedWorld& world, const std::string& limit) {
  std::vector<std::string> names;
  std::string cursor;
  do {
    const auto page = world.get("/api/rules?limit=" + limit + (cursor.empty() ? "" : "&cursor=" + cursor));
    EXPECT_LE(page.find("items")->as_array().size(), std::stoul(limit));
    for (const auto& each : page.find("items")->as_array()) names.push_back(each.text_at("name"));
    cursor = page.text_at("nextCursor");
  } while (!cursor.empty());
  return names;
}

TEST(ComposedRules, TheAudiencesOfThePlatformAreShownAndBelongToIt) {
  ComposedWorld world;
  const std::vector<std::string> own = {"fan-out/mail", "fan-out/receipts", "fan-out/topics", "fan-out/webhooks"};
  EXPECT_EQ(listed(world, "4"), own);
  for (const auto* name : {"a", "b"}) ASSERT_EQ(create(world, rule(name, R"([{"queue":"event-rules"}])")).status, 201);
  auto all = own;
  all.insert(all.end(), {"a", "b"});
  for (const auto* limit : {"1", "2", "3", "4", "5", "50"}) EXPECT_EQ(listed(world, limit), all) << limit;
  for (const auto* bad : {"own.5", "own.", "own.x"}) {
    EXPECT_EQ(world.call("GET", std::string("/api/rules?cursor=") + bad, kOperator).status, 400) << bad;
  }
  const auto webhooks = world.get("/api/rules/fan-out%2Fwebhooks");
  EXPECT_FALSE(*webhooks.bool_at("enabled"));
  EXPECT_EQ(webhooks.find("targets")->as_array().at(0).text_at("queue"), "webhooks");
}

TEST(ComposedRules, AnAudienceOfThePlatformIsNeitherChangedNorReplayedTo) {
  ComposedWorld world;
  world.settle(world.place());
  const auto before = world.get("/api/rules");
  const std::string path = "/api/rules/fan-out%2Fmail";
  for (const auto* verb : {"/enable", "/disable"}) {
    const auto refused = world.call("POST", path + verb, kOperator);
    EXPECT_EQ(refused.status, 409) << refused.body;
    EXPECT_NE(refused.body.find("rule_protected"), std::string::npos) << refused.body;
  }
  EXPECT_EQ(world.call("DELETE", path, kOperator).status, 409);
  EXPECT_EQ(world.call("PUT", path, kOperator, R"({"pattern":{"a":[1]},"targets":[{"queue":"event-rules"}]})").status,
            409);
  const auto replay = world.call("POST", "/api/replays", kOperator, R"({"rules":["fan-out/mail"]})");
  EXPECT_EQ(replay.status, 422);
  EXPECT_NE(replay.body.find("rules[0]: fan-out/mail is the platform's own"), std::string::npos) << replay.body;
  EXPECT_EQ(world.get("/api/rules"), before);
  const auto tested = base::parse_json(world.call("POST", path + "/test", kOperator, "{}").body);
  EXPECT_EQ(tested->integer_at("matched"), 1);
}

TEST(ComposedRules, ANameIsTakenOnce) {
  ComposedWorld world;
  ASSERT_EQ(create(world, rule("done", R"([{"queue":"event-rules"}])")).status, 201);
  EXPECT_EQ(create(world, rule("done", R"([{"queue":"event-rules"}])")).status, 409);
}

TEST(ComposedRules, APatternIsTestedOnTheNewestEvents) {
  ComposedWorld world;
  const auto order = world.place();
  world.settle(order);
  world.settle(world.place("tok_decline"));
  const auto answer =
      world.call("POST", "/api/rules/test", kOperator, R"({"pattern":{"resources":[")" + order + R"("]},"events":50})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto result = base::parse_json(answer.body);
  EXPECT_EQ(result->integer_at("matched"), world.get("/api/orders/" + order).find("events")->as_array().size());
  EXPECT_GT(*result->integer_at("tested"), *result->integer_at("matched"));
  ASSERT_EQ(create(world, rule("done", R"([{"queue":"event-rules"}])")).status, 201);
  const auto of_rule = base::parse_json(world.call("POST", "/api/rules/done/test", kOperator, "{}").body);
  EXPECT_EQ(of_rule->integer_at("matched"), 1);
  EXPECT_EQ(world.call("POST", "/api/rules/test", kOperator, R"({"pattern":{"a":[]}})").status, 422);
  EXPECT_EQ(world.call("POST", "/api/rules/test", kOperator, R"({"pattern":{"a":[1]},"events":0})").status, 422);
}

}  // namespace
}  // namespace ow::tests
