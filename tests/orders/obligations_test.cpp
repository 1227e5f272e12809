// What stays owed when the gateway cannot be asked, and how it is settled or waived. Test thread only.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orders/order_world.h"

namespace ow::tests {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::IsEmpty;

struct ObligationsTest : testing::Test {
  ObligationsTest() { world.add_product("mug", 10); }

  /// An order whose charge was made while the gateway went away before it could be told to undo it.
  std::string owed_order() {
    world.hook({.resource = "orders:confirm", .before = [this]() -> base::Task<std::optional<workflow::TaskFailure>> {
                  world.bank.take_away();
                  co_return workflow::TaskFailure{"Test.Broken", ""};
                }});
    const auto id = world.place({{"mug", 2}});
    EXPECT_EQ(text(world.settle(id), "status"), "failed");
    return id;
  }
  std::string obligation_of(const std::string& order) {
    for (const auto& one : world.obligations()) {
      if (text(one, "orderId") == order) return text(one, "obligationId");
    }
    return {};
  }

  OrderWorld world;
};

TEST_F(ObligationsTest, a_refund_that_cannot_be_made_is_visible_and_the_stock_is_free_again) {
  const auto id = owed_order();
  const auto owed = world.obligations();
  ASSERT_EQ(owed.size(), 1U);
  EXPECT_EQ(text(owed[0], "orderId"), id);
  EXPECT_EQ(text(owed[0], "purpose"), "refund");
  EXPECT_EQ(text(owed[0], "owedTo"), "alice");
  EXPECT_EQ(minor(owed[0], "amount"), 2000);
  EXPECT_EQ(world.stock("mug").integer_at("available"), 10);
  EXPECT_EQ(world.stock("mug").integer_at("held"), 0);
}

TEST_F(ObligationsTest, it_is_settled_by_itself_once_the_gateway_is_back) {
  const auto id = owed_order();
  world.bank.serve();
  world.run_for(2min);
  EXPECT_THAT(world.obligations(), IsEmpty());
  EXPECT_EQ(world.refunded(id), 2000);
  EXPECT_THAT(world.events_of(id), Contains("payment.refunded"));
  EXPECT_THAT(world.audit({{"mug", 10}}), IsEmpty());
}

TEST_F(ObligationsTest, it_stays_open_as_long_as_the_gateway_stays_away) {
  const auto id = owed_order();
  world.run_for(10min);
  EXPECT_EQ(world.obligations().size(), 1U);
  world.bank.serve();
  world.run_for(2min);
  EXPECT_THAT(world.obligations(), IsEmpty());
  EXPECT_EQ(world.refunded(id), 2000);
}

TEST_F(ObligationsTest, retry_settles_it_at_once) {
  const auto id = owed_order();
  world.bank.serve();
  world.expect(202, world.call("POST", "/api/obligations/" + obligation_of(id) + "/retry", "oscar.operator"));
  world.run_for(5s);
  EXPECT_THAT(world.obligations(), IsEmpty());
  EXPECT_EQ(world.refunded(id), 2000);
}

TEST_F(ObligationsTest, waiving_needs_a_reason_and_is_an_event_with_who_and_why) {
  const auto id = owed_order();
  const auto path = "/api/obligations/" + obligation_of(id) + "/waive";
  world.expect(400, world.call("POST", path, "oscar.operator", "{}"));
  world.expect(422, world.call("POST", path, "oscar.operator", R"({"reason":""})"));
  world.expect(403, world.call("POST", path, "alice", R"({"reason":"mine"})"));
  world.expect(200, world.call("POST", path, "oscar.operator", R"({"reason":"paid in cash"})"));
  world.expect(409, world.call("POST", path, "oscar.operator", R"({"reason":"again"})"));
  const auto seen = world.get("/api/orders/" + id);
  const auto& data = *seen.find("events")->as_array().back().find("data");
  EXPECT_EQ(text(data, "by"), "oscar");
  EXPECT_EQ(text(data, "why"), "paid in cash");
  world.bank.serve();
  world.run_for(5min);
  EXPECT_EQ(world.refunded(id), 0);
  EXPECT_EQ(world.obligations("waived").size(), 1U);
}

TEST_F(ObligationsTest, what_an_operator_does_with_it_is_an_event_about_it) {
  const auto obligation = obligation_of(owed_order());
  const auto path = "/api/obligations/" + obligation;
  world.expect(202, world.call("POST", path + "/retry", "oscar.operator"));
  world.expect(200, world.call("POST", path + "/waive", "oscar.operator", R"({"reason":"paid in cash"})"));
  std::vector<std::string> seen;
  const auto page = world.get("/api/events?limit=100");
  for (const auto& event : page.find("items")->as_array()) {
    if (text(event, "subject") != obligation) continue;
    seen.push_back(text(event, "type") + " " + text(event, "sequence"));
    EXPECT_EQ(text(*event.find("data"), "by"), "oscar");
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"operator.obligation-waived 2", "operator.obligation-retried 1"}));
}

TEST_F(ObligationsTest, a_charge_of_unknown_outcome_is_settled_when_the_gateway_is_back) {
  for (const auto* token : {"tok_lost_success", "tok_lost_failure"}) {
    OrderWorld other;
    other.add_product("mug", 10);
    other.hook({.resource = "orders:charge", .after = [&]() -> base::Task<void> {
                  other.bank.take_away();
                  co_return;
                }});
    // The charge's own look-up must not find out either.
    other.world.network.plan(std::string(kGatewayUrl) + "/keys", 1, sim::NetworkFault::reset);
    const auto id = other.place({{"mug", 2}}, token);
    EXPECT_EQ(text(other.settle(id), "reason"), "payment_unavailable");
    ASSERT_EQ(other.obligations().size(), 1U);
    EXPECT_EQ(text(other.obligations()[0], "purpose"), "settle_charge");
    other.bank.serve();
    other.run_for(2min);
    EXPECT_THAT(other.obligations(), IsEmpty());
    EXPECT_THAT(other.audit({{"mug", 10}}), IsEmpty()) << token;
  }
}

TEST_F(ObligationsTest, nobody_but_operators_sees_them) {
  EXPECT_EQ(world.call("GET", "/api/obligations", "alice").status, 403);
  EXPECT_EQ(world.call("GET", "/api/obligations?status=none", "oscar.operator").status, 400);
  EXPECT_EQ(world.call("POST", "/api/obligations/obl_1/retry", "oscar.operator").status, 404);
}

}  // namespace
}  // namespace ow::tests
