// A restored store against a gateway that did not go back: each kind of difference, decided. Test thread only.
#include "orders/reconciliation.h"

#include <gmock/gmock.h>

#include <set>

#include "orders/order.h"
#include "orders/order_world.h"
#include "payments/charge.h"
#include "payments/obligations.h"

namespace ow::tests {
namespace {

using namespace std::chrono_literals;
using base::ErrorCode;
using orders::Restoration;
using platform::GatewayEffect;

// Lists what it is told to have done, two effects a page.
class ListedGateway final : public platform::PaymentGateway {
 public:
  base::Task<base::Result<platform::PaymentResult>> charge(platform::ChargeRequest) override { return none(); }
  base::Task<base::Result<platform::PaymentResult>> refund(platform::RefundRequest) override { return none(); }
  base::Task<base::Result<platform::PaymentResult>> void_key(std::string, std::string) override { return none(); }
  base::Task<base::Result<std::optional<platform::PaymentResult>>> look_up(std::string, std::string) override {
    co_return std::nullopt;
  }
  base::Task<base::Result<platform::EffectPage>> effects(base::Instant, std::string cursor) override {
    ++listings;
    if (problem) co_return base::fail(*problem);
    platform::EffectPage page;
    std::size_t at = cursor.empty() ? 0 : std::stoul(cursor);
    while (at < done.size() && page.effects.size() < 2) page.effects.push_back(done[at++]);
    if (at < done.size()) page.next_cursor = std::to_string(at);
    co_return page;
  }

  std::vector<GatewayEffect> done;
  std::optional<base::Error> problem;
  int listings = 0;

 private:
  static base::Task<base::Result<platform::PaymentResult>> none() {
    co_return base::fail(ErrorCode::unavailable, "none", "No money moves here.");
  }
};

class ReconciliationTest : public testing::Test {
 protected:
  ReconciliationTest() {
    world_.add_product("mug", 100);
    const auto now = world_.world.clock.now();
    const Restoration restoration{.id = "rst_1", .snapshot = "snap_1", .made = now - 1h, .restored = now};
    EXPECT_TRUE(commit(orders::put_restoration(restoration)));
  }

  bool commit(platform::Commit parts) {
    const auto outcome = executor().run(store().commit(std::move(parts)));
    return outcome && outcome->committed();
  }
  sim::SimExecutor& executor() { return world_.node.executor(); }
  platform::Store& store() { return world_.node.store(); }
  void effect(GatewayEffect::Kind kind, const std::string& order, const std::string& key, std::int64_t minor) {
    gateway_.done.push_back({kind,
                             key,
                             order + ".charge",
                             base::OrderId(order),
                             {minor, base::parse_currency("EUR").value()},
                             "pay_1",
                             world_.world.clock.now()});
  }
  void charged(const std::string& order, std::int64_t minor) {
    effect(GatewayEffect::Kind::charge, order, payments::charge_key(base::OrderId(order)), minor);
  }
  Restoration reconcile() {
    const orders::OrderPorts ports{store(), world_.node.engine->event_log(), gateway_, world_.world.clock,
                                   ids_,    world_.node.machine.telemetry};
    executor().spawn(orders::run_reconciliation({ports, executor(), world_.workflows()}));
    world_.run_for(5s);
    return executor().run(orders::find_restoration(store(), "rst_1")).value().value();
  }
  std::optional<payments::Obligation> obligation_of(const std::string& order) {
    const auto id = payments::obligation_id(base::ExecutionId("lost_" + order.substr(4)));
    return executor().run(payments::find_obligation(store(), id)).value();
  }
  std::vector<orders::RestoreFinding> findings() {
    return executor().run(orders::list_findings(store(), "rst_1", 50, "")).value().findings;
  }

  OrderWorld world_;
  ListedGateway gateway_;
  platform::IdSource ids_{world_.world.clock, world_.node.process->random};
};

constexpr const char* kLost = "ord_00000000000000000000000001";

TEST_F(ReconciliationTest, a_charge_of_an_unknown_order_becomes_an_obligation_once) {
  charged(kLost, 990);
  EXPECT_EQ(reconcile().lost_charges, 1);
  ASSERT_TRUE(obligation_of(kLost).has_value());
  EXPECT_EQ(obligation_of(kLost)->amount.minor, 990);
  EXPECT_EQ(reconcile().lost_charges, 1);  // compared again: the same obligation
}

TEST_F(ReconciliationTest, what_the_undone_life_gave_back_is_not_owed_again) {
  charged(kLost, 990);
  effect(GatewayEffect::Kind::refund, kLost, "ref_1", 400);
  EXPECT_EQ(reconcile().lost_charges, 1);
  EXPECT_EQ(obligation_of(kLost)->amount.minor, 590);
}

TEST_F(ReconciliationTest, a_charge_that_was_given_back_whole_is_nothing) {
  charged(kLost, 990);
  effect(GatewayEffect::Kind::refund, kLost, payments::undo_key(base::OrderId(kLost)), 990);
  EXPECT_EQ(reconcile().lost_charges, 0);
  EXPECT_FALSE(obligation_of(kLost).has_value());
}

TEST_F(ReconciliationTest, the_charge_of_a_known_order_is_the_sagas_business) {
  const auto order = world_.place({{"mug", 1}});
  world_.settle(order);
  charged(order, 1000);
  const auto compared = reconcile();
  EXPECT_EQ(compared.state, Restoration::State::reconciled);
  EXPECT_EQ(compared.effects, 1);
  EXPECT_EQ(compared.lost_charges + compared.cancelled + compared.findings, 0);
}

TEST_F(ReconciliationTest, refunds_that_a_completed_order_does_not_know_are_findings) {
  const auto order = world_.place({{"mug", 1}});
  world_.settle(order);
  effect(GatewayEffect::Kind::refund, order, "ref_lost", 300);
  effect(GatewayEffect::Kind::refund, order, payments::undo_key(base::OrderId(order)), 1000);
  EXPECT_EQ(reconcile().findings, 2);
  ASSERT_EQ(findings().size(), 2U);
  std::set<std::string> what;
  for (const auto& finding : findings()) what.insert(finding.what);
  EXPECT_EQ(what, (std::set<std::string>{"completed_but_given_back", "refund_not_in_order"}));
}

TEST_F(ReconciliationTest, an_order_under_way_whose_charge_was_given_back_is_cancelled) {
  const auto order = world_.place({{"mug", 1}});
  effect(GatewayEffect::Kind::refund, order, payments::undo_key(base::OrderId(order)), 1000);
  const auto before = executor().run(orders::find_order(store(), base::OrderId(order))).value();
  if (orders::is_final(before->status)) GTEST_SKIP() << "the saga was faster";
  EXPECT_EQ(reconcile().cancelled, 1);
  EXPECT_TRUE(executor().run(orders::find_order(store(), base::OrderId(order))).value()->cancel.has_value());
}

TEST_F(ReconciliationTest, nothing_is_resumed_before_the_gateway_answered) {
  gateway_.problem = base::Error{ErrorCode::unavailable, "away", "The gateway is away."};
  EXPECT_EQ(reconcile().state, Restoration::State::comparing);
  const auto refused = executor().run(orders::check_reconciled(store()));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().reason, "reconcile_first");
  EXPECT_THAT(refused.error().message, testing::HasSubstr("The gateway is away."));
  gateway_.problem.reset();
  world_.run_for(30s);
  EXPECT_TRUE(executor().run(orders::check_reconciled(store())).has_value());
}

TEST_F(ReconciliationTest, a_gateway_that_cannot_list_is_said_to_be_impossible) {
  gateway_.problem = base::Error{ErrorCode::unsupported, "gateway_lists_nothing", "It cannot list."};
  EXPECT_EQ(reconcile().state, Restoration::State::impossible);
  EXPECT_FALSE(executor().run(orders::check_reconciled(store())).has_value());
}

TEST_F(ReconciliationTest, looks_again_for_what_was_still_under_way_at_the_gateway) {
  reconcile();
  charged(kLost, 990);
  world_.run_for(20min);
  EXPECT_TRUE(obligation_of(kLost).has_value());
  const int listings = gateway_.listings;
  world_.run_for(1h);
  EXPECT_EQ(gateway_.listings, listings);  // and then no more
}

}  // namespace
}  // namespace ow::tests
