// What is owed by day, and the alarm on age. Test thread only.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orders/order_world.h"
#include "payments/obligation_watch.h"

namespace ow::tests {
namespace {

using namespace std::chrono_literals;
using base::Json;
using testing::IsEmpty;
using testing::SizeIs;

struct ObligationTotals : testing::Test {
  ObligationTotals() { world.add_product("mug", 10); }

  /// An order whose charge was made while the gateway went away before it could be told to undo it.
  std::string owed_order() {
    world.bank.serve();
    world.hook({.resource = "orders:confirm", .before = [this]() -> base::Task<std::optional<workflow::TaskFailure>> {
                  world.bank.take_away();
                  co_return workflow::TaskFailure{"Test.Broken", ""};
                }});
    const auto id = world.place({{"mug", 2}});
    EXPECT_EQ(text(world.settle(id), "status"), "failed");
    return id;
  }
  Json::Array days() { return world.get("/api/obligations/totals").find("items")->as_array(); }
  /// Count and the amount in EUR of a day's part.
  static std::pair<std::int64_t, std::int64_t> sum(const Json& day, const char* status) {
    const auto* part = day.find(status);
    const auto& amounts = part->find("amounts")->as_array();
    return {part->integer_at("count").value_or(-1), amounts.empty() ? 0 : minor(amounts[0], "amount")};
  }
  void look(base::Duration alarm_age = payments::kObligationAlarmAge) {
    auto& executor = world.node.executor();
    const auto looked = executor.run(payments::look_at_obligations(
        {executor, world.node.store(), world.world.clock, world.node.machine.telemetry, alarm_age}));
    EXPECT_TRUE(looked.has_value());
  }
  std::size_t reports() {
    std::size_t found = 0;
    const auto page = world.get("/api/events?limit=100");
    for (const auto& event : page.find("items")->as_array())
      found += text(event, "type") == "operator.obligation-overdue" ? 1 : 0;
    return found;
  }

  using Sum = std::pair<std::int64_t, std::int64_t>;
  OrderWorld world;
};

TEST_F(ObligationTotals, a_day_says_what_is_open_settled_and_waived) {
  EXPECT_THAT(days(), IsEmpty());
  owed_order();
  ASSERT_THAT(days(), SizeIs(1));
  EXPECT_EQ(sum(days()[0], "open"), Sum(1, 2000));
  world.bank.serve();
  world.run_for(2min);
  EXPECT_EQ(sum(days()[0], "open"), Sum(0, 0));
  EXPECT_EQ(sum(days()[0], "settled"), Sum(1, 2000));
  owed_order();
  const auto id = text(world.obligations()[0], "obligationId");
  world.expect(
      200, world.call("POST", "/api/obligations/" + id + "/waive", "oscar.operator", R"({"reason":"paid in cash"})"));
  EXPECT_EQ(sum(days()[0], "waived"), Sum(1, 2000));
  EXPECT_EQ(sum(days()[0], "open"), Sum(0, 0));
}

TEST_F(ObligationTotals, an_obligation_says_who_owes_whom_what_since_when_and_why) {
  owed_order();
  world.run_for(100s);
  const auto owed = world.obligations()[0];
  EXPECT_EQ(text(owed, "debtor"), "retailer");
  EXPECT_EQ(text(owed, "creditor"), "alice");
  EXPECT_EQ(minor(owed, "amount"), 2000);
  EXPECT_GE(owed.integer_at("ageSeconds").value_or(0), 100);
  EXPECT_FALSE(text(owed, "cause").empty());
  EXPECT_FALSE(text(owed, "executionId").empty());
}

TEST_F(ObligationTotals, units_are_owed_and_counted_like_money) {
  payments::Obligation obligation;
  obligation.id = base::ObligationId("obl_1");
  obligation.units = payments::OwedUnits{3, "mug"};
  obligation.since = world.world.clock.now();
  auto& executor = world.node.executor();
  ASSERT_TRUE(executor.run(world.node.store().commit(payments::open_obligation(obligation)))->committed());
  const auto day = days().at(0);
  EXPECT_EQ(base::to_text(*day.find("open")), R"({"count":1,"amounts":[],"units":[{"count":3,"of":"mug"}]})");
  const auto found = executor.run(payments::find_obligation(world.node.store(), obligation.id));
  EXPECT_EQ(base::to_text(*payments::obligation_json(**found, obligation.since).find("units")),
            R"({"count":3,"of":"mug"})");
}

TEST_F(ObligationTotals, one_that_is_open_for_an_hour_is_reported_once) {
  owed_order();
  world.run_for(50min);
  look();
  EXPECT_EQ(reports(), 0U);
  world.run_for(15min);
  look();
  look();
  EXPECT_EQ(reports(), 1U);
  EXPECT_TRUE(world.obligations()[0].bool_at("overdue").value());
  world.bank.serve();
  world.run_for(2min);
  EXPECT_THAT(world.obligations(), IsEmpty());
  EXPECT_EQ(sum(days()[0], "settled"), Sum(1, 2000));
}

TEST_F(ObligationTotals, the_age_that_raises_the_alarm_is_the_installations_to_say) {
  owed_order();
  world.run_for(4min);
  look(5min);
  EXPECT_EQ(reports(), 0U);
  world.run_for(2min);
  look(5min);
  EXPECT_EQ(reports(), 1U);
  const auto page = world.get("/api/events?limit=1");
  const auto& event = page.find("items")->as_array().at(0);
  EXPECT_EQ(text(*event.find("data"), "why"), "open for longer than 5 minutes");
}

}  // namespace
}  // namespace ow::tests
