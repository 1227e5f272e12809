// Bugs that comparable systems have in public, each as a test named after it. Test thread only.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/core.h>

#include "orders/order_world.h"

namespace ow::tests {
namespace {

using sim::NetworkFault;
using testing::Contains;
using testing::IsEmpty;
using testing::Not;

constexpr auto kForward = {"orders:validate", "orders:reserve", "orders:charge", "orders:confirm"};

struct PublicBugsTest : testing::Test {
  PublicBugsTest() { world.add_product("mug", 10); }
  void expect_balanced() { EXPECT_THAT(world.audit({{"mug", 10}}), IsEmpty()); }
  /// The process dies when the task has run and nothing of it is committed.
  void expect_one_charge_after_death_in(const char* resource) {
    world.hook({.resource = resource, .after = [this]() -> base::Task<void> {
                  world.node.process->kill(world.node.machine);
                  co_return;
                }});
    const auto id = world.place({{"mug"}});
    expect_death_and_restart();
    EXPECT_EQ(text(world.settle(id), "status"), "completed");
    EXPECT_EQ(world.charges(id), 1U);
    expect_balanced();
  }
  void expect_death_and_restart() {
    world.run_for(std::chrono::seconds(5));
    ASSERT_TRUE(world.node.executor().halted());
    world.crash();
  }
  OrderWorld world;
};

base::Task<void> buy_one(OrderWorld& world, int buyer, int& answered) {
  const auto response = co_await world.request("POST", "/api/orders", fmt::format("buyer{}", buyer),
                                               OrderWorld::order_body({{"last", 1}}));
  EXPECT_EQ(response.status, 201) << response.body;
  ++answered;
}

TEST_F(PublicBugsTest, a_thousand_buyers_race_for_the_last_unit_and_one_gets_it) {
  constexpr int kBuyers = 1000;
  world.add_product("last", 1);
  int answered = 0;
  for (int buyer = 0; buyer < kBuyers; ++buyer) world.node.executor().spawn(buy_one(world, buyer, answered));
  world.world.scheduler.run_until([&] { return answered == kBuyers; });
  world.settle_all();
  EXPECT_EQ(world.get("/api/orders?status=completed").find("items")->as_array().size(), 1U);
  EXPECT_EQ(world.bank.ledger("charge").size(), 1U);
  const auto level = world.stock("last");
  EXPECT_EQ(level.integer_at("available"), 0);
  EXPECT_EQ(level.integer_at("held"), 0);
  EXPECT_EQ(level.integer_at("sold"), 1);
}

TEST_F(PublicBugsTest, two_lines_that_share_one_product_are_held_together) {
  const auto fits = world.place({{"mug", 4}, {"mug", 6}});
  EXPECT_EQ(text(world.settle(fits), "status"), "completed");
  EXPECT_EQ(world.stock("mug").integer_at("sold"), 10);
  world.add_product("tea", 10);
  const auto too_many = world.place({{"tea", 6}, {"tea", 5}});
  EXPECT_EQ(text(world.settle(too_many), "reason"), "out_of_stock");
  expect_balanced();
}

TEST_F(PublicBugsTest, a_payment_reply_lost_before_the_gateway_acted_is_charged_once) {
  world.world.network.plan(std::string(kGatewayUrl) + "/charges", 1, NetworkFault::reset);
  const auto id = world.place({{"mug"}});
  EXPECT_EQ(text(world.settle(id), "status"), "completed");
  EXPECT_EQ(world.charges(id), 1U);
  expect_balanced();
}

TEST_F(PublicBugsTest, a_payment_reply_lost_after_the_gateway_acted_is_charged_once) {
  for (const auto fault :
       {NetworkFault::reply_lost, NetworkFault::silent, NetworkFault::late, NetworkFault::duplicated}) {
    world.world.network.plan(std::string(kGatewayUrl) + "/charges", 1, fault);
    const auto id = world.place({{"mug"}});
    EXPECT_EQ(text(world.settle(id), "status"), "completed");
    EXPECT_EQ(world.charges(id), 1U);
  }
  expect_balanced();
}

TEST_F(PublicBugsTest, a_payment_reply_lost_by_the_gateways_own_token_is_charged_once) {
  const auto id = world.place({{"mug"}}, "tok_lost_success");
  EXPECT_EQ(text(world.settle(id), "status"), "completed");
  EXPECT_EQ(world.charges(id), 1U);
  expect_balanced();
}

TEST_F(PublicBugsTest, a_crash_between_the_charge_and_its_commit_charges_once) {
  expect_one_charge_after_death_in("orders:charge");
}

TEST_F(PublicBugsTest, a_crash_during_confirm_charges_once) { expect_one_charge_after_death_in("orders:confirm"); }

TEST_F(PublicBugsTest, a_late_success_is_found_and_not_charged_again) {
  const auto id = world.place({{"mug"}}, "tok_late_success");
  EXPECT_EQ(text(world.settle(id), "status"), "completed");
  EXPECT_EQ(world.charges(id), 1U);
  expect_balanced();
}

TEST_F(PublicBugsTest, a_late_success_of_a_cancelled_order_never_lands) {
  const auto id = world.place({{"mug"}}, "tok_late_success");
  world.hook({.resource = "orders:charge", .after = [this, id]() -> base::Task<void> {
                static_cast<void>(co_await world.request("POST", "/api/orders/" + id + "/cancel", "alice"));
              }});
  EXPECT_EQ(text(world.settle(id), "status"), "cancelled");
  world.run_for(std::chrono::seconds(30));
  EXPECT_EQ(world.charged(id) - world.refunded(id), 0);
  expect_balanced();
}

base::Task<std::optional<workflow::TaskFailure>> break_task() {
  co_return workflow::TaskFailure{"Test.Broken", "The test broke it."};
}

TEST_F(PublicBugsTest, a_failure_at_every_position_of_the_saga_undoes_what_was_done) {
  for (const auto* resource : kForward) {
    OrderWorld other;
    other.add_product("mug", 10);
    other.hook({.resource = resource, .before = break_task});
    const auto id = other.place({{"mug", 3}});
    EXPECT_EQ(text(other.settle(id), "status"), "failed") << resource;
    EXPECT_TRUE(other.all_hooks_fired()) << resource;
    EXPECT_THAT(other.audit({{"mug", 10}}), IsEmpty()) << resource;
    EXPECT_EQ(other.stock("mug").integer_at("available"), 10) << resource;
  }
}

TEST_F(PublicBugsTest, a_failing_compensation_is_tried_again_until_it_is_done) {
  for (const auto* resource : {"orders:release", "orders:fail"}) {
    OrderWorld other;
    other.add_product("mug", 10);
    for (int call = 1; call <= 3; ++call) other.hook({.resource = resource, .call = call, .before = break_task});
    const auto id = other.place({{"mug", 3}}, "tok_decline");
    EXPECT_EQ(text(other.settle(id), "reason"), "payment_declined") << resource;
    EXPECT_TRUE(other.all_hooks_fired()) << resource;
    EXPECT_THAT(other.audit({{"mug", 10}}), IsEmpty()) << resource;
  }
}

TEST_F(PublicBugsTest, reserve_succeeds_but_its_reply_is_lost_and_it_is_held_once) {
  world.hook({.resource = "orders:reserve", .after = [this]() -> base::Task<void> {
                // The commit of this step is appended, and the process dies before anyone hears of it.
                world.node.machine.disk.after_call(sim::DiskCall::append, 1,
                                                   [this] { world.node.process->kill(world.node.machine); });
                co_return;
              }});
  const auto id = world.place({{"mug", 3}});
  expect_death_and_restart();
  world.node.machine.disk.forget_plans();
  EXPECT_EQ(text(world.settle(id), "status"), "completed");
  EXPECT_EQ(world.stock("mug").integer_at("sold"), 3);
  expect_balanced();
}

TEST_F(PublicBugsTest, a_confirm_that_fails_after_the_charge_refunds_and_then_releases) {
  world.hook({.resource = "orders:confirm", .before = break_task});
  const auto id = world.place({{"mug", 2}});
  EXPECT_EQ(text(world.settle(id), "status"), "failed");
  EXPECT_THAT(world.events_of(id),
              testing::ElementsAre("order.created", "inventory.reserved", "order.processing", "payment.charged",
                                   "payment.refunded", "inventory.released", "order.failed"));
  EXPECT_EQ(world.refunded(id), 2000);
  expect_balanced();
}

TEST_F(PublicBugsTest, a_cancel_at_every_position_ends_cancelled_and_balanced) {
  for (const bool late : {false, true}) {
    for (const auto* resource : kForward) {
      OrderWorld other;
      other.add_product("mug", 10);
      const auto id = other.place({{"mug", 3}});
      int status = 0;
      const auto cancel = [&]() -> base::Task<http::Response> {
        return other.request("POST", "/api/orders/" + id + "/cancel", "alice");
      };
      Hook hook{.resource = resource};
      if (late) {
        hook.after = [&]() -> base::Task<void> { status = (co_await cancel()).status; };
      } else {
        hook.before = [&]() -> base::Task<std::optional<workflow::TaskFailure>> {
          status = (co_await cancel()).status;
          co_return std::nullopt;
        };
      }
      other.hook(std::move(hook));
      EXPECT_EQ(text(other.settle(id), "status"), "cancelled") << resource << late;
      EXPECT_EQ(status, 202) << resource << late;
      EXPECT_THAT(other.audit({{"mug", 10}}), IsEmpty()) << resource << late;
      EXPECT_THAT(other.events_of(id), Not(Contains("order.failed"))) << resource << late;
    }
  }
}

TEST_F(PublicBugsTest, a_cancel_while_a_failed_order_is_undone_ends_cancelled) {
  const auto id = world.place({{"mug", 3}}, "tok_decline");
  world.hook({.resource = "orders:fail", .after = [this, id]() -> base::Task<void> {
                const auto response = co_await world.request("POST", "/api/orders/" + id + "/cancel", "alice");
                EXPECT_EQ(response.status, 202);
              }});
  EXPECT_EQ(text(world.settle(id), "status"), "cancelled");
  expect_balanced();
}

TEST_F(PublicBugsTest, a_cancel_after_confirm_is_refused) {
  const auto id = world.place({{"mug"}});
  world.settle(id);
  world.expect(409, world.call("POST", "/api/orders/" + id + "/cancel", "alice"));
  EXPECT_EQ(text(world.get("/api/orders/" + id), "status"), "completed");
}

TEST_F(PublicBugsTest, a_replayed_key_answers_byte_for_byte) {
  const auto body = OrderWorld::order_body({{"mug"}});
  const http::Headers key{{"idempotency-key", "once"}};
  const auto first = world.call("POST", "/api/orders", "alice", body, key);
  world.settle(text(base::parse_json(first.body).value(), "orderId"));
  const auto again = world.call("POST", "/api/orders", "alice", body, key);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(first.body, again.body);
  EXPECT_EQ(world.get("/api/orders").find("items")->as_array().size(), 1U);
  EXPECT_EQ(world.call("POST", "/api/orders", "alice", OrderWorld::order_body({{"mug", 2}}), key).status, 422);
  expect_balanced();
}

}  // namespace
}  // namespace ow::tests
