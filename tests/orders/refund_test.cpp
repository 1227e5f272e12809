// Refunds of completed orders: money back once, stock by choice, never more than was charged. Test thread
// only.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orders/order_world.h"

namespace ow::tests {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

struct RefundTest : testing::Test {
  RefundTest() {
    world.add_product("mug", 10);
    world.add_product("tea", 10, "12.50");
    id = world.place({{"mug", 2}, {"tea", 1, "12.50"}, {"mug", 1}});
    EXPECT_EQ(text(world.settle(id), "status"), "completed");
  }
  http::Response refund(const std::string& body, const std::string& token = "oscar.operator") {
    return world.call("POST", "/api/orders/" + id + "/refund", token, body);
  }
  std::string state_of_first() {
    const auto order = world.get("/api/orders/" + id);
    const auto* refunds = order.find("refunds");
    return refunds == nullptr ? "" : text(refunds->as_array().at(0), "status");
  }
  void expect_balanced() { EXPECT_THAT(world.audit({{"mug", 10}, {"tea", 10}}), IsEmpty()); }

  OrderWorld world;
  std::string id;
};

TEST_F(RefundTest, all_of_it_gives_all_the_money_back) {
  const auto json = world.expect(202, refund("{}"));
  EXPECT_EQ(minor(json, "amount"), 4250);
  world.run_for(5s);
  EXPECT_EQ(state_of_first(), "refunded");
  EXPECT_EQ(world.refunded(id), 4250);
  EXPECT_EQ(world.stock("mug").integer_at("sold"), 3);
  world.expect(409, refund("{}"));
  expect_balanced();
}

TEST_F(RefundTest, restock_puts_the_units_back) {
  world.expect(202, refund(R"({"lines":[{"productId":"mug","quantity":2}],"restock":true})"));
  world.run_for(5s);
  EXPECT_EQ(world.refunded(id), 2000);
  EXPECT_EQ(world.stock("mug").integer_at("sold"), 1);
  EXPECT_EQ(world.stock("mug").integer_at("available"), 9);
  EXPECT_EQ(world.events_of(id).back(), "inventory.released");
  expect_balanced();
}

TEST_F(RefundTest, parts_add_up_to_no_more_than_was_sold) {
  world.expect(202, refund(R"({"lines":[{"productId":"mug","quantity":1},{"productId":"mug","quantity":1}]})"));
  world.expect(422, refund(R"({"lines":[{"productId":"mug","quantity":2}]})"));
  world.expect(422, refund(R"({"lines":[{"productId":"pen","quantity":1}]})"));
  world.expect(202, refund("{}"));
  world.run_for(5s);
  EXPECT_EQ(world.refunded(id), 4250);
  expect_balanced();
}

TEST_F(RefundTest, a_replayed_key_refunds_once) {
  const http::Headers key{{"idempotency-key", "once"}};
  const auto path = "/api/orders/" + id + "/refund";
  const std::string body = R"({"lines":[{"productId":"tea","quantity":1}]})";
  const auto first = world.call("POST", path, "oscar.operator", body, key);
  const auto again = world.call("POST", path, "oscar.operator", body, key);
  EXPECT_EQ(first.body, again.body);
  world.run_for(5s);
  EXPECT_EQ(world.refunded(id), 1250);
  expect_balanced();
}

TEST_F(RefundTest, a_lost_reply_refunds_once) {
  world.world.network.plan(std::string(kGatewayUrl) + "/refunds", 1, sim::NetworkFault::reply_lost);
  world.expect(202, refund("{}"));
  world.run_for(30s);
  EXPECT_EQ(state_of_first(), "refunded");
  EXPECT_EQ(world.refunded(id), 4250);
  expect_balanced();
}

TEST_F(RefundTest, a_refund_that_cannot_be_made_is_owed_and_later_done) {
  world.bank.take_away();
  world.expect(202, refund(R"({"restock":true})"));
  world.run_for(3min);
  EXPECT_EQ(state_of_first(), "owed");
  ASSERT_EQ(world.obligations().size(), 1U);
  EXPECT_EQ(world.stock("mug").integer_at("sold"), 3);
  world.bank.serve();
  world.run_for(2min);
  EXPECT_EQ(state_of_first(), "refunded");
  EXPECT_THAT(world.obligations(), IsEmpty());
  EXPECT_EQ(world.stock("mug").integer_at("sold"), 0);
  expect_balanced();
}

TEST_F(RefundTest, a_waived_refund_ends_and_its_units_may_be_refunded_anew) {
  world.bank.take_away();
  world.expect(202, refund("{}"));
  world.run_for(3min);
  const auto obligation = text(world.obligations().at(0), "obligationId");
  world.expect(200, world.call("POST", "/api/obligations/" + obligation + "/waive", "oscar.operator",
                               R"({"reason":"voucher"})"));
  world.run_for(3s);
  EXPECT_EQ(state_of_first(), "waived");
  world.bank.serve();
  world.expect(202, refund("{}"));
  world.run_for(5s);
  EXPECT_EQ(world.refunded(id), 4250);
  expect_balanced();
}

TEST_F(RefundTest, refuses_what_is_malformed_or_not_allowed) {
  world.expect(400, refund(R"({"lines":"all"})"));
  world.expect(400, refund(R"({"lines":[{"productId":"mug"}]})"));
  world.expect(400, refund(R"({"restock":"yes"})"));
  world.expect(400, refund(R"({"amount":5})"));
  world.expect(422, refund(R"({"lines":[{"productId":"mug","quantity":0}]})"));
  world.expect(422, refund(R"({"lines":[]})"));
  world.expect(403, refund("{}", "alice"));
  const auto failed = world.place({{"mug"}}, "tok_decline");
  world.settle(failed);
  world.expect(409, world.call("POST", "/api/orders/" + failed + "/refund", "oscar.operator", "{}"));
}

}  // namespace
}  // namespace ow::tests
