// The saga's ways from accepted to its end, by payment token and stock. Test thread only.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orders/order_world.h"

namespace ow::tests {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct PlaceOrderTest : testing::Test {
  PlaceOrderTest() { world.add_product("mug", 10); }

  void expect_balanced(std::int64_t mugs = 10) { EXPECT_THAT(world.audit({{"mug", mugs}}), IsEmpty()); }

  OrderWorld world;
};

TEST_F(PlaceOrderTest, completes_with_every_event_in_order) {
  const auto id = world.place({{"mug", 2}});
  const auto order = world.settle(id);
  EXPECT_EQ(text(order, "status"), "completed");
  EXPECT_THAT(world.events_of(id), ElementsAre("order.created", "inventory.reserved", "order.processing",
                                               "payment.charged", "order.completed"));
  EXPECT_EQ(world.charged(id), 2000);
  EXPECT_EQ(world.stock("mug").integer_at("sold"), 2);
  expect_balanced();
}

TEST_F(PlaceOrderTest, the_trace_of_the_request_reaches_the_events_and_the_gateway) {
  const auto response = world.call("POST", "/api/orders", "alice", OrderWorld::order_body({{"mug"}}),
                                   {{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}});
  const auto id = text(world.expect(201, response), "orderId");
  const auto order = world.settle(id);
  for (const auto& event : order.find("events")->as_array()) {
    EXPECT_NE(text(event, "traceparent").find("4bf92f3577b34da6a3ce929d0e0e4736"), std::string::npos);
  }
  EXPECT_NE(text(world.bank.ledger("charge").at(0), "traceparent").find("4bf92f3577b34da6a3ce929d0e0e4736"),
            std::string::npos);
}

TEST_F(PlaceOrderTest, out_of_stock_is_accepted_and_then_failed) {
  const auto id = world.place({{"mug", 11}});
  const auto order = world.settle(id);
  EXPECT_EQ(text(order, "status"), "failed");
  EXPECT_EQ(text(order, "reason"), "out_of_stock");
  EXPECT_THAT(world.events_of(id), ElementsAre("order.created", "order.failed"));
  EXPECT_TRUE(world.bank.ledger().empty());
  expect_balanced();
}

TEST_F(PlaceOrderTest, reserves_all_lines_or_none) {
  world.add_product("tea", 1);
  const auto id = world.place({{"mug", 5}, {"tea", 2}});
  EXPECT_EQ(text(world.settle(id), "reason"), "out_of_stock");
  EXPECT_EQ(world.stock("mug").integer_at("available"), 10);
}

TEST_F(PlaceOrderTest, a_declined_charge_releases_the_stock) {
  for (const auto* token : {"tok_decline", "tok_insufficient"}) {
    const auto id = world.place({{"mug", 2}}, token);
    const auto order = world.settle(id);
    EXPECT_EQ(text(order, "reason"), "payment_declined");
    EXPECT_THAT(world.events_of(id), ElementsAre("order.created", "inventory.reserved", "order.processing",
                                                 "payment.declined", "inventory.released", "order.failed"));
  }
  expect_balanced();
}

TEST_F(PlaceOrderTest, a_slow_gateway_only_takes_longer) {
  EXPECT_EQ(text(world.settle(world.place({{"mug"}}, "tok_slow")), "status"), "completed");
  expect_balanced();
}

TEST_F(PlaceOrderTest, a_gateway_that_never_does_its_work_fails_the_order_with_its_key_voided) {
  for (const auto* token : {"tok_error500", "tok_lost_failure"}) {
    const auto id = world.place({{"mug"}}, token);
    EXPECT_EQ(text(world.settle(id), "reason"), "payment_unavailable") << token;
    EXPECT_EQ(world.charges(id), 0U);
  }
  EXPECT_EQ(world.bank.ledger("void").size(), 2U);
  expect_balanced();
}

TEST_F(PlaceOrderTest, next_statuses_follow_the_status) {
  const auto id = world.place({{"mug"}});
  const auto pending = world.get("/api/orders/" + id);
  if (text(pending, "status") == "pending") {
    EXPECT_EQ(base::to_text(*pending.find("nextStatuses")), R"(["processing","failed","cancelled"])");
  }
  EXPECT_EQ(base::to_text(*world.settle(id).find("nextStatuses")), "[]");
}

TEST_F(PlaceOrderTest, an_order_of_50_lines_passes_every_step) {
  std::vector<Line> lines;
  std::map<std::string, std::int64_t> supplied;
  for (int i = 0; i < 50; ++i) {
    const auto product = "p" + std::to_string(i);
    world.add_product(product, 5);
    supplied[product] = 5;
    lines.push_back({product, 2});
  }
  EXPECT_EQ(text(world.settle(world.place(lines)), "status"), "completed");
  EXPECT_EQ(text(world.settle(world.place(lines, "tok_decline")), "reason"), "payment_declined");
  EXPECT_THAT(world.audit(supplied), IsEmpty());
}

TEST_F(PlaceOrderTest, a_crash_at_any_append_loses_and_doubles_nothing) {
  for (std::uint64_t append = 1; append <= 12; ++append) {
    OrderWorld other(append);
    other.add_product("mug", 10);
    const auto id = other.place({{"mug", 2}});
    other.node.machine.disk.after_call(sim::DiskCall::append, append,
                                       [&] { other.node.process->kill(other.node.machine); });
    other.run_for(std::chrono::seconds(5));
    if (other.node.executor().halted()) other.crash();
    other.node.machine.disk.forget_plans();
    EXPECT_EQ(text(other.settle(id), "status"), "completed") << append;
    EXPECT_THAT(other.audit({{"mug", 10}}), IsEmpty()) << append;
  }
}

}  // namespace
}  // namespace ow::tests
