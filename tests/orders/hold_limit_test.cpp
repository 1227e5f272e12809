// The 15-minute limit of a hold: its end compensates through the saga. Test thread only.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orders/order_world.h"

namespace ow::tests {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;

struct HoldLimitTest : testing::Test {
  HoldLimitTest() { world.add_product("mug", 10); }
  /// Nothing of the platform runs for this long, as when the machine sleeps.
  Hook asleep_before(const std::string& resource, base::Duration span) {
    return {.resource = resource, .before = [this, span]() -> base::Task<std::optional<workflow::TaskFailure>> {
              world.world.clock.advance(span);
              co_return std::nullopt;
            }};
  }
  OrderWorld world;
};

TEST_F(HoldLimitTest, a_charge_is_not_begun_after_the_hold_ended) {
  world.hook(asleep_before("orders:charge", 16min));
  const auto id = world.place({{"mug", 2}});
  EXPECT_EQ(text(world.settle(id), "reason"), "hold_expired");
  EXPECT_EQ(world.charges(id), 0U);
  EXPECT_THAT(world.audit({{"mug", 10}}), IsEmpty());
}

TEST_F(HoldLimitTest, a_charge_that_took_longer_than_the_hold_is_refunded) {
  world.hook(asleep_before("orders:confirm", 16min));
  const auto id = world.place({{"mug", 2}});
  EXPECT_EQ(text(world.settle(id), "reason"), "hold_expired");
  EXPECT_EQ(world.refunded(id), 2000);
  EXPECT_THAT(world.audit({{"mug", 10}}), IsEmpty());
}

TEST_F(HoldLimitTest, just_within_the_limit_the_order_completes) {
  world.hook(asleep_before("orders:charge", 14min));
  const auto id = world.place({{"mug", 2}});
  EXPECT_EQ(text(world.settle(id), "status"), "completed");
}

TEST_F(HoldLimitTest, a_gateway_that_is_away_for_long_does_not_keep_the_stock) {
  world.bank.take_away();
  const auto id = world.place({{"mug", 10}});
  world.settle(id);
  EXPECT_EQ(world.stock("mug").integer_at("available"), 10);
  world.bank.serve();
  world.run_for(2min);
  EXPECT_THAT(world.obligations(), IsEmpty());
  EXPECT_THAT(world.audit({{"mug", 10}}), IsEmpty());
}

}  // namespace
}  // namespace ow::tests
