// Generated ids. Test thread only.
#include "platform/id_source.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sim/world/sim_clock.h"
#include "sim/world/sim_random.h"

namespace ow::platform {
namespace {

using namespace std::chrono_literals;

RC_GTEST_PROP(IdSourceTest, ids_ascend_whatever_the_wall_clock_does, (std::uint64_t seed)) {
  sim::SimClock clock;
  sim::SimRandom random(seed);
  IdSource ids(clock, random);
  std::string last = ids.next("ord");
  for (int i = 0; i < 50; ++i) {
    clock.step_wall(std::chrono::microseconds(*rc::gen::inRange(-5000, 5000)));
    auto next = ids.next("ord");
    RC_ASSERT(is_id(next, "ord"));
    RC_ASSERT(last < next);
    last = std::move(next);
  }
}

TEST(IdSourceTest, ids_of_one_millisecond_ascend_and_differ) {
  sim::SimClock clock;
  sim::SimRandom random(1);
  IdSource ids(clock, random);
  std::string last = ids.next("evt");
  for (int i = 0; i < 10'000; ++i) {
    auto next = ids.next("evt");
    ASSERT_LT(last, next);
    last = std::move(next);
  }
}

TEST(IdSourceTest, the_time_comes_first) {
  sim::SimClock clock({0});
  sim::SimRandom random(1);
  IdSource ids(clock, random);
  EXPECT_EQ(ids.next("x").substr(0, 12), "x_0000000000");
  clock.advance(32ms);
  EXPECT_EQ(ids.next("x").substr(0, 12), "x_0000000010");
}

TEST(IdSourceTest, an_id_is_told_by_prefix_and_alphabet) {
  const std::string text(26, '7');
  EXPECT_TRUE(is_id("ord_" + text, "ord"));
  EXPECT_FALSE(is_id("ord_" + text, "or"));
  EXPECT_FALSE(is_id("ord_" + text + "7", "ord"));
  EXPECT_FALSE(is_id("ord_" + text.substr(1) + "U", "ord"));
  EXPECT_FALSE(is_id("ord-" + text, "ord"));
  EXPECT_FALSE(is_id("", "ord"));
}

}  // namespace
}  // namespace ow::platform
