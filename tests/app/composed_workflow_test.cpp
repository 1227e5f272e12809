// Executions, definitions, callbacks and the gate over HTTP, in the composed program. Test thread only.
#include <gmock/gmock.h>

#include <fmt/format.h>

#include "app/binary.h"
#include "app/composed_world.h"

namespace ow::tests {
namespace {

using base::Json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;
using namespace std::chrono_literals;

constexpr const char* kOperator = "demo-operator";

struct WorkflowsOverHttp : testing::Test {
  Json post(int status, const std::string& path, const Json& body, const std::string& user = kOperator) {
    const auto answer = shop.call("POST", path, user, base::to_text(body));
    EXPECT_EQ(answer.status, status) << path << ": " << answer.body;
    return base::parse_json(answer.body).value_or(Json());
  }
  Json because(Json body = Json::object()) { return std::move(body.set("reason", "a test")); }
  Json upload(const std::string& name, const std::string& text, int percent = 100) {
    return post(200, "/api/workflows/" + name + "/versions",
                because(Json::object({{"definition", base::parse_json(text).value()}, {"percent", Json(percent)}})));
  }
  std::string start(const std::string& definition, Json input = Json::object()) {
    const auto started =
        post(202, "/api/executions", Json::object({{"definition", definition}, {"input", std::move(input)}}));
    shop.world.scheduler.run_for(2s);
    return text_of(started, "executionId");
  }
  Json show(const std::string& id) { return shop.get("/api/executions/" + id); }
  std::string status(const std::string& id) { return text_of(show(id), "status"); }
  std::vector<std::string> listed(const std::string& query) {
    std::vector<std::string> ids;
    const auto page = shop.get("/api/executions?" + query);
    for (const auto& item : page.find("items")->as_array()) ids.push_back(text_of(item, "executionId"));
    return ids;
  }

  ComposedWorld shop;
};

const char* const kBroken = R"({"StartAt":"Pick","States":{
  "Pick":{"Type":"Choice","Choices":[{"Variable":"$.kind","StringEquals":"a","Next":"Tell"}]},
  "Tell":{"Type":"Task","Resource":"events:emit","Parameters":{"type":"flow.told","data":{}},"End":true}}})";
const char* const kMended = R"({"StartAt":"Pick","States":{
  "Pick":{"Type":"Choice","Choices":[{"Variable":"$.kind","StringEquals":"a","Next":"Tell"}],"Default":"Tell"},
  "Tell":{"Type":"Task","Resource":"events:emit","Parameters":{"type":"flow.told","data":{}},"End":true}}})";

TEST_F(WorkflowsOverHttp, an_orders_saga_shows_every_attempt) {
  const auto order = text_of(shop.settle(shop.place()), "orderId");
  const auto found = listed("status=succeeded&definition=place_order");
  ASSERT_EQ(found.size(), 1U);
  std::vector<std::string> states;
  const auto execution = show(found[0]);
  for (const auto& entry : execution.find("history")->as_array()) {
    states.push_back(text_of(entry, "state") + " " + text_of(entry, "outcome"));
    EXPECT_EQ(text_of(*entry.find("input"), "orderId"), order);
  }
  EXPECT_THAT(states, ElementsAre("Validate succeeded", "Reserve succeeded", "Charge succeeded", "Confirm succeeded",
                                  "Done succeeded"));
}

TEST_F(WorkflowsOverHttp, failed_executions_are_found_and_redriven_onto_a_mended_version) {
  upload("flow", kBroken);
  const auto good = start("flow", Json::object({{"kind", "a"}}));
  const auto bad = start("flow", Json::object({{"kind", "b"}}));
  const auto other = start("flow", Json::object({{"kind", "c"}}));
  EXPECT_EQ(status(good), "succeeded");
  EXPECT_THAT(listed("status=failed"), UnorderedElementsAre(bad, other));
  EXPECT_THAT(listed("error=States.NoChoiceMatched&limit=1").size(), 1U);
  EXPECT_THAT(listed("status=failed&definition=place_order"), ElementsAre());
  EXPECT_THAT(listed("status=failed&stuckSeconds=3600"), ElementsAre());

  EXPECT_EQ(upload("flow", kMended).integer_at("version"), 2);
  const auto query = Json::object({{"status", "failed"}, {"definition", "flow"}});
  auto bulk = because(Json::object({{"action", "redrive"}, {"filter", query}, {"version", 2}, {"dryRun", Json(true)}}));
  const auto dry = post(200, "/api/executions/bulk", bulk);
  for (const auto& item : dry.find("items")->as_array()) {
    EXPECT_EQ(text_of(item, "result"), "would_be_done");
  }
  EXPECT_EQ(status(bad), "failed");
  bulk.remove("dryRun");
  EXPECT_EQ(post(200, "/api/executions/bulk", bulk).find("items")->as_array().size(), 2U);
  shop.world.scheduler.run_for(2s);
  EXPECT_EQ(status(bad), "succeeded");
  EXPECT_EQ(show(bad).integer_at("version"), 2);
  EXPECT_EQ(show(good).integer_at("version"), 1);
  post(409, "/api/executions/" + bad + "/redrive", because());
  post(404, "/api/executions/exe_none/redrive", because());
  post(422, "/api/executions/" + bad + "/stop", Json::object({{"reason", ""}}));
}

TEST_F(WorkflowsOverHttp, a_share_of_new_executions_gets_a_new_version_and_it_is_rolled_back) {
  upload("flow", kBroken);
  upload("flow", kMended, 50);
  int mended = 0;
  for (int i = 0; i < 20; ++i) mended += show(start("flow")).integer_at("version") == 2 ? 1 : 0;
  EXPECT_GT(mended, 3);
  EXPECT_LT(mended, 17);
  const auto back = post(200, "/api/workflows/flow/roll-back", because());
  EXPECT_TRUE(back.find("share")->is_null());
  EXPECT_EQ(show(start("flow")).integer_at("version"), 1);
  post(409, "/api/workflows/flow/roll-back", because());
  post(200, "/api/workflows/flow/route", because(Json::object({{"version", 2}})));
  EXPECT_EQ(show(start("flow")).integer_at("version"), 2);
  EXPECT_EQ(shop.get("/api/workflows/flow").integer_at("previous"), 1);
  EXPECT_EQ(shop.get("/api/workflows/flow/text?version=2").find("definition")->string_at("StartAt"), "Pick");
}

TEST_F(WorkflowsOverHttp, an_upload_is_refused_as_validate_refuses) {
  const auto bad =
      base::parse_json(R"({"StartAt":"A","States":{"A":{"Type":"Task","Resource":"none:such","Next":"B"}}})").value();
  const auto refused = post(422, "/api/workflows/flow/versions", because(Json::object({{"definition", bad}})));
  EXPECT_THAT(base::to_text(*refused.find("violations")), HasSubstr("States.A goes to 'B'"));
  EXPECT_EQ(shop.call("GET", "/api/workflows/flow", kOperator).status, 404);
  post(422, "/api/workflows/a%20b/versions",
       because(Json::object({{"definition", base::parse_json(kMended).value()}})));
  post(404, "/api/executions", Json::object({{"definition", "flow"}}));
}

TEST_F(WorkflowsOverHttp, a_callback_ends_the_wait_for_its_token_once) {
  upload("ask", R"({"StartAt":"Ask","States":{"Ask":{"Type":"Task","Resource":"events:emit.waitForTaskToken",
    "Parameters":{"type":"approval.requested","data":{"token.$":"$$.Task.Token"}},"End":true}}})");
  const auto id = start("ask");
  const auto events = shop.get("/api/events?limit=20");
  std::string token;
  for (const auto& event : events.find("items")->as_array()) {
    if (text_of(event, "type") == "approval.requested") token = text_of(*event.find("data"), "token");
  }
  ASSERT_FALSE(token.empty());
  const auto asking = show(id);
  EXPECT_EQ(text_of(asking.find("current")->as_array()[0], "doing"), "waiting for a callback");
  post(200, "/api/callbacks/heartbeat", Json::object({{"taskToken", token}}));
  EXPECT_EQ(
      shop.call("POST", "/api/callbacks/success", "demo-shopper", base::to_text(Json::object({{"taskToken", token}})))
          .status,
      403);
  post(404, "/api/callbacks/success", Json::object({{"taskToken", token.substr(0, token.size() - 1) + "z"}}));
  post(200, "/api/callbacks/success",
       Json::object({{"taskToken", token}, {"output", Json::object({{"ok", Json(true)}})}}));
  const auto late = post(409, "/api/callbacks/failure", Json::object({{"taskToken", token}, {"error", "X"}}));
  shop.world.scheduler.run_for(1s);
  EXPECT_EQ(status(id), "succeeded");
  EXPECT_EQ(show(id).find("output")->bool_at("ok"), true);
}

TEST_F(WorkflowsOverHttp, a_paused_definition_holds_orders_and_resuming_lets_them_through) {
  post(200, "/api/workflows/place_order/pause", because());
  const auto order = shop.place();
  shop.world.scheduler.run_for(30s);
  EXPECT_EQ(text_of(shop.get("/api/orders/" + order), "status"), "pending");
  EXPECT_EQ(listed("status=paused").size(), 1U);
  post(200, "/api/workflows/place_order/resume", Json::object({{"rate", 10}}));
  EXPECT_EQ(text_of(shop.settle(order), "status"), "completed");
}

TEST_F(WorkflowsOverHttp, the_gate_holds_everything_and_opens_at_a_rate) {
  post(200, "/api/workflow-control/pause", because());
  std::vector<std::string> orders;
  for (int i = 0; i < 6; ++i) orders.push_back(shop.place());
  shop.world.scheduler.run_for(60s);
  for (const auto& order : orders) EXPECT_EQ(text_of(shop.get("/api/orders/" + order), "status"), "pending");
  EXPECT_TRUE(shop.get("/api/workflow-control").bool_at("paused").value());
  const auto before = shop.world.clock.ticks();
  post(200, "/api/workflow-control/resume", Json::object({{"rate", 2}}));
  for (const auto& order : orders) EXPECT_EQ(text_of(shop.settle(order), "status"), "completed");
  EXPECT_GE(shop.world.clock.ticks() - before, base::Duration(4s));
}

TEST_F(WorkflowsOverHttp, what_operators_do_is_an_event_with_who_and_why) {
  upload("flow", kBroken);
  const auto id = start("flow");
  post(202, "/api/executions/" + id + "/redrive", because());
  const auto events = shop.get("/api/events?limit=20");
  std::vector<std::string> found;
  for (const auto& event : events.find("items")->as_array()) {
    const auto type = text_of(event, "type");
    if (type.starts_with("operator.")) found.push_back(type + ": " + text_of(*event.find("data"), "why"));
  }
  EXPECT_THAT(found, ElementsAre("operator.execution-redriven: a test",
                                 "operator.execution-started: ", "operator.definition-uploaded: a test"));
}

TEST_F(WorkflowsOverHttp, only_operators_may_look_and_act) {
  for (const auto* path : {"/api/executions", "/api/workflows", "/api/workflow-control", "/api/obligations/totals"}) {
    EXPECT_EQ(shop.call("GET", path, "demo-shopper").status, 403) << path;
  }
  EXPECT_EQ(shop.call("GET", "/api/executions?status=dead", kOperator).status, 400);
  EXPECT_EQ(shop.call("GET", "/api/executions?cursor=zz", kOperator).status, 400);
}

}  // namespace
}  // namespace ow::tests
