// What operators do with queues over HTTP: look, redrive, purge, delete, pause. Test thread only.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "ops/queue_world.h"

namespace ow::tests {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Ids = std::vector<std::string>;

struct QueueDeskTest : testing::Test {
  std::map<std::string, std::string> results_of(const base::Json& operation) {
    std::map<std::string, std::string> results;
    std::string cursor;
    do {
      const auto page = world.get("/api/queue-operations/" + member(operation, "operationId") + "/results" +
                                  (cursor.empty() ? "" : "?cursor=" + cursor));
      for (const auto& one : page.find("items")->as_array()) results[member(one, "messageId")] = member(one, "outcome");
      cursor = member(page, "nextCursor");
    } while (!cursor.empty());
    return results;
  }
  QueueWorld world;
};

TEST_F(QueueDeskTest, shows_depth_and_age_of_every_queue_and_of_one) {
  world.send("orders", "a1", "a");
  world.send("orders", "a2", "a");
  world.run_for(90s);
  const auto list = world.get("/api/queues");
  EXPECT_EQ(list.find("items")->as_array().size(), 6U);
  const auto orders = world.get("/api/queues/orders");
  EXPECT_EQ(orders.integer_at("depth"), 2);
  EXPECT_EQ(orders.integer_at("ready"), 1);
  EXPECT_EQ(orders.integer_at("delayed"), 1);
  EXPECT_EQ(orders.integer_at("dead"), 0);
  EXPECT_GE(orders.find("oldestAgeSeconds")->as_number().to_double(), 90.0);
  world.expect(404, world.call("GET", "/api/queues/nowhere"));
}

TEST_F(QueueDeskTest, looks_at_messages_without_receiving_them) {
  world.send("mail", "m1", "ann", R"({"text":")" + std::string(5000, 'x') + R"("})");
  world.send("mail", "m2", "bob");
  EXPECT_THAT(world.messages_of("mail"), ElementsAre("m1", "m2"));
  const auto page = world.get("/api/queues/mail/messages?group=ann");
  const auto& listed = page.find("items")->as_array().at(0);
  EXPECT_EQ(member(listed, "body").size(), 1024U);
  EXPECT_EQ(listed.integer_at("bodyBytes"), 5011);
  const auto whole = world.get("/api/queues/mail/messages/m1");
  EXPECT_EQ(member(whole, "body").size(), 5011U);
  EXPECT_EQ(whole.integer_at("receives"), 0);
  EXPECT_EQ(member(whole, "state"), "ready");
  world.expect(404, world.call("GET", "/api/queues/mail/messages/m9"));
}

TEST_F(QueueDeskTest, searches_and_refuses_what_is_no_search) {
  world.make_dead(4);
  world.send("mail.dlq", "young", "g9", R"({"n":77})");
  EXPECT_THAT(world.messages_of("mail.dlq", "?group=g1"), ElementsAre("m1"));
  EXPECT_THAT(world.messages_of("mail.dlq", "?text=77"), ElementsAre("young"));
  EXPECT_THAT(world.messages_of("mail.dlq", "?error=test_failure&minReceives=3&limit=2"), testing::SizeIs(2));
  EXPECT_THAT(world.messages_of("mail.dlq", "?olderThanSeconds=30"), UnorderedElementsAre("m0", "m1", "m2", "m3"));
  EXPECT_THAT(world.messages_of("mail.dlq", "?youngerThanSeconds=30"), ElementsAre("young"));
  EXPECT_THAT(world.messages_of("mail.dlq", "?id=m3"), ElementsAre("m3"));
  world.expect(400, world.call("GET", "/api/queues/mail.dlq/messages?colour=red"));
  world.expect(400, world.call("GET", "/api/queues/mail.dlq/messages?minReceives=x"));
  world.expect(400, world.call("GET", "/api/queues/mail.dlq/messages?limit=51"));
  world.expect(422, world.call("GET", "/api/queues/mail.dlq/messages?minReceives=3&maxReceives=2"));
}

TEST_F(QueueDeskTest, a_dead_letter_tells_its_life) {
  world.make_dead(1);
  const auto dead = world.get("/api/queues/mail.dlq/messages/m0");
  const auto& death = *dead.find("death");
  EXPECT_EQ(member(death, "queue"), "mail");
  EXPECT_EQ(member(death, "error"), "test_failure: The test says so.");
  EXPECT_EQ(death.integer_at("receives"), 3);
  EXPECT_LT(member(death, "firstReceivedAt"), member(death, "lastReceivedAt"));
  EXPECT_EQ(world.get("/api/queues/mail").integer_at("dead"), 1);
}

TEST_F(QueueDeskTest, redrives_all_in_steps_with_a_result_a_message) {
  world.make_dead(130);
  const auto started = world.post(202, "/api/queues/mail/redrive", R"({"all":true,"reason":"fixed"})");
  EXPECT_EQ(member(started, "queue"), "mail.dlq");
  const auto ended = world.settle(started);
  EXPECT_EQ(member(ended, "status"), "done");
  EXPECT_EQ(ended.integer_at("messages"), 130);
  world.run_for(10s);
  EXPECT_EQ(world.consumed.size(), 130U);
  const auto results = results_of(ended);
  EXPECT_EQ(results.size(), 130U);
  EXPECT_TRUE(std::ranges::all_of(results, [](const auto& one) { return one.second == "redriven"; }));
  EXPECT_EQ(world.get("/api/queues/mail").integer_at("dead"), 0);
  EXPECT_THAT(world.events_of("mail.dlq"), ElementsAre("operator.queue-redrive-started", "operator.queue-redriven"));
}

TEST_F(QueueDeskTest, redrives_by_id_and_names_those_that_are_not_there) {
  world.make_dead(3);
  const auto ended = world.settle(world.post(202, "/api/queues/mail.dlq/redrive", R"({"ids":["m1","m7"]})"));
  EXPECT_EQ(ended.integer_at("messages"), 1);
  EXPECT_EQ(base::to_text(*ended.find("missing")), R"(["m7"])");
  EXPECT_EQ(results_of(ended), (std::map<std::string, std::string>{{"m1", "redriven"}, {"m7", "not_found"}}));
  EXPECT_THAT(world.messages_of("mail.dlq"), UnorderedElementsAre("m0", "m2"));
}

TEST_F(QueueDeskTest, redrives_by_filter) {
  world.make_dead(6);
  world.settle(world.post(202, "/api/queues/mail/redrive", R"({"filter":{"group":"g1","error":"test_failure"}})"));
  world.run_for(5s);
  EXPECT_THAT(world.consumed, UnorderedElementsAre("m1", "m4"));
}

TEST_F(QueueDeskTest, an_edit_is_delivered_and_the_original_kept_beside_it) {
  world.make_dead(1);
  world.fails = [](const platform::Delivery& delivery) { return delivery.body != R"({"n":2})"; };
  world.settle(world.post(202, "/api/queues/mail/redrive", R"({"ids":["m0"],"body":"{\"n\":3}","reason":"typo"})"));
  world.run_for(1min);
  const auto dead = world.get("/api/queues/mail.dlq/messages/m0");
  EXPECT_EQ(member(dead, "body"), R"({"n":3})");
  EXPECT_EQ(member(*dead.find("edit"), "original"), R"({"n":1})");
  world.settle(world.post(202, "/api/queues/mail/redrive", R"({"ids":["m0"],"body":"{\"n\":2}","reason":"typo"})"));
  world.run_for(1s);
  EXPECT_THAT(world.bodies, ElementsAre(R"({"n":2})"));
  const auto edit = world.node.executor().run(ops::find_edit(world.node.store(), "mail", "m0")).value();
  ASSERT_TRUE(edit.has_value());
  EXPECT_EQ(member(*edit, "original"), R"({"n":1})");
  ASSERT_EQ(edit->find("edits")->as_array().size(), 2U);
  EXPECT_EQ(member(edit->find("edits")->as_array()[1], "by"), "oscar");
  EXPECT_EQ(member(edit->find("edits")->as_array()[1], "reason"), "typo");
}

TEST_F(QueueDeskTest, a_rate_spreads_a_redrive) {
  world.make_dead(20);
  const auto started = world.post(202, "/api/queues/mail/redrive", R"({"all":true,"ratePerSecond":2})");
  world.run_for(5s);
  EXPECT_GE(world.consumed.size(), 8U);
  EXPECT_LE(world.consumed.size(), 14U);
  EXPECT_EQ(world.settle(started).integer_at("messages"), 20);
}

TEST_F(QueueDeskTest, what_dies_again_while_it_is_redriven_is_not_taken_twice) {
  world.make_dead(3);
  world.fails = [](const platform::Delivery&) { return true; };
  const auto ended = world.settle(world.post(202, "/api/queues/mail/redrive", R"({"all":true,"ratePerSecond":1})"));
  EXPECT_EQ(ended.integer_at("messages"), 3);
  world.run_for(1min);
  EXPECT_EQ(world.get("/api/queues/mail").integer_at("dead"), 3);
}

TEST_F(QueueDeskTest, a_redrive_goes_on_after_a_crash_and_drives_each_back_once) {
  world.make_dead(130);
  const auto started = world.post(202, "/api/queues/mail/redrive", R"({"all":true,"ratePerSecond":20})");
  for (int crashes = 0; crashes < 4; ++crashes) {
    world.run_for(1300ms);
    world.crash();
  }
  EXPECT_EQ(world.settle(started).integer_at("messages"), 130);
  world.run_for(1min);
  EXPECT_EQ(std::set(world.consumed.begin(), world.consumed.end()).size(), 130U);
  EXPECT_EQ(world.get("/api/queues/mail").integer_at("depth"), 0);
}

TEST_F(QueueDeskTest, a_wish_must_say_which_messages_are_meant) {
  const auto path = "/api/queues/mail/redrive";
  for (const auto* body :
       {"{}", R"({"all":false})", R"({"all":true,"ids":["m1"]})", R"({"filter":{}})", R"({"all":true,"body":"{}"})",
        R"({"ids":["m1","m2"],"body":"{}"})", R"({"ids":["m1"],"body":"{"})", R"({"ids":[""]})"})
    EXPECT_EQ(world.call("POST", path, body).status, 422) << body;
  for (const auto* body :
       {R"({"ids":[]})", R"({"colour":"red"})", R"({"filter":{"colour":"red"}})", R"({"all":true,"ratePerSecond":0})"})
    EXPECT_EQ(world.call("POST", path, body).status, 400) << body;
  EXPECT_EQ(world.call("POST", "/api/queues/nowhere/redrive", R"({"all":true})").status, 404);
  EXPECT_THAT(world.get("/api/queue-operations").find("items")->as_array(), IsEmpty());
}

TEST_F(QueueDeskTest, a_purge_needs_the_name_again_and_a_reason_and_drops_what_is_there) {
  const auto path = "/api/queues/mail/purge";
  for (int i = 0; i < 200; ++i) world.send("mail", "m" + std::to_string(i), "g" + std::to_string(i % 7));
  world.expect(400, world.call("POST", path, R"({"reason":"x"})"));
  world.expect(422, world.call("POST", path, R"({"confirm":"orders","reason":"x"})"));
  world.expect(422, world.call("POST", path, R"({"confirm":"mail","reason":""})"));
  EXPECT_EQ(world.get("/api/queues/mail").integer_at("depth"), 200);
  const auto ended = world.settle(world.post(202, path, R"({"confirm":"mail","reason":"stale"})"));
  EXPECT_EQ(ended.integer_at("messages"), 200);
  EXPECT_EQ(world.get("/api/queues/mail").integer_at("depth"), 0);
  world.send("mail", "later");
  EXPECT_THAT(world.messages_of("mail"), ElementsAre("later"));
  EXPECT_THAT(world.events_of("mail"), ElementsAre("operator.queue-purge-started", "operator.queue-purged"));
}

TEST_F(QueueDeskTest, an_operation_is_stopped_where_it_is) {
  world.make_dead(20);
  const auto started = world.post(202, "/api/queues/mail/redrive", R"({"all":true,"ratePerSecond":1})");
  world.run_for(3s);
  const auto path = "/api/queue-operations/" + member(started, "operationId") + "/stop";
  EXPECT_EQ(member(world.post(200, path, R"({"reason":"enough"})"), "status"), "stopped");
  const auto taken = world.consumed.size();
  world.run_for(1min);
  EXPECT_LT(taken, 10U);
  EXPECT_LE(world.consumed.size(), taken + 1);
  world.post(409, path);
  world.expect(404, world.call("POST", "/api/queue-operations/qop_1/stop", "{}"));
}

TEST_F(QueueDeskTest, one_message_is_deleted_with_a_reason) {
  world.send("mail", "m/1");
  world.send("mail", "m2");
  world.expect(400, world.call("POST", "/api/queues/mail/messages/m%2F1/delete", "{}"));
  world.post(200, "/api/queues/mail/messages/m%2F1/delete", R"({"reason":"sent by mistake"})");
  EXPECT_THAT(world.messages_of("mail"), ElementsAre("m2"));
  world.expect(404, world.call("POST", "/api/queues/mail/messages/m%2F1/delete", R"({"reason":"again"})"));
  EXPECT_THAT(world.events_of("mail"), ElementsAre("operator.queue-message-deleted"));
}

TEST_F(QueueDeskTest, the_same_key_deletes_once_and_answers_the_same) {
  world.send("mail", "m1");
  const auto once = [this] {
    return world.call("POST", "/api/queues/mail/messages/m1/delete", R"({"reason":"x"})", kOscar,
                      {{"idempotency-key", "k1"}});
  };
  const auto first = once();
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(once().body, first.body);
}

TEST_F(QueueDeskTest, a_pause_holds_until_resumed_also_over_a_crash) {
  world.consume("mail");
  EXPECT_EQ(world.post(200, "/api/queues/mail/pause", R"({"reason":"gateway away"})").bool_at("paused"), true);
  world.post(200, "/api/queues/mail/pause");  // changes nothing, tells nothing
  world.send("mail", "m1");
  world.run_for(1min);
  world.crash();
  world.run_for(1min);
  EXPECT_THAT(world.consumed, IsEmpty());
  EXPECT_EQ(world.get("/api/queues/mail").bool_at("paused"), true);
  world.post(200, "/api/queues/mail/resume");
  world.run_for(1s);
  EXPECT_THAT(world.consumed, ElementsAre("m1"));
  EXPECT_THAT(world.events_of("mail"), ElementsAre("operator.queue-paused", "operator.queue-resumed"));
}

TEST_F(QueueDeskTest, the_queue_that_carries_operations_is_not_for_operators_to_change) {
  for (const auto* verb : {"pause", "resume"}) world.post(409, std::string("/api/queues/queue-operations/") + verb);
  world.post(409, "/api/queues/queue-operations/purge", R"({"confirm":"queue-operations","reason":"x"})");
}

TEST_F(QueueDeskTest, nobody_but_operators_sees_or_changes_queues) {
  for (const auto* path : {"/api/queues", "/api/queues/mail", "/api/queues/mail/messages", "/api/queue-operations"}) {
    EXPECT_EQ(world.call("GET", path, {}, "alice").status, 403) << path;
    EXPECT_EQ(world.call("GET", path, {}, "").status, 401) << path;
  }
  EXPECT_EQ(world.call("POST", "/api/queues/mail/pause", "{}", "alice").status, 403);
}

}  // namespace
}  // namespace ow::tests
