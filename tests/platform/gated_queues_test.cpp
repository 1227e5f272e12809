// The gate in front of all consumers, over a plain queue in simulated time. Test thread only.
#include "platform/gated_queues.h"

#include <gtest/gtest.h>

#include <deque>

#include "sim/world/world.h"

namespace ow::platform {
namespace {

using namespace std::chrono_literals;

class EndlessQueues final : public Queues {
 public:
  base::Task<base::Result<std::vector<Delivery>>> receive(ReceiveRequest request) override {
    std::vector<Delivery> batch(request.batch_max);
    received += batch.size();
    co_return batch;
  }
  base::Task<base::Result<void>> extend(Delivery, base::Duration) override { co_return base::Result<void>(); }
  base::Task<base::Result<void>> release(Delivery, base::Duration) override {
    ++released;
    co_return base::Result<void>();
  }

  std::size_t received = 0;
  std::size_t released = 0;
};

class GatedQueuesTest : public testing::Test {
 protected:
  std::size_t receive(base::Duration wait = 1s) {
    return process_.executor.run(gate_.receive({"q", 10, wait}))->size();
  }
  sim::SimWorld world_{1};
  sim::SimMachine machine_{world_, "m"};
  sim::SimProcess process_{world_, machine_};
  EndlessQueues below_;
  GatedQueues gate_{below_, process_.executor, world_.clock};
};

TEST_F(GatedQueuesTest, nothing_comes_through_while_it_is_shut) {
  EXPECT_EQ(receive(), 10U);
  gate_.shut();
  EXPECT_EQ(receive(5s), 0U);
  EXPECT_EQ(below_.received, 10U);
  gate_.open(std::nullopt);
  EXPECT_EQ(receive(), 10U);
}

TEST_F(GatedQueuesTest, a_rate_holds_over_all_queues) {
  gate_.open(25);
  std::size_t got = 0;
  const auto begin = world_.clock.ticks();
  while (world_.clock.ticks() - begin < 10s) got += receive();
  EXPECT_GE(got, 225U);
  EXPECT_LE(got, 275U);
}

TEST_F(GatedQueuesTest, opening_ends_a_wait) {
  gate_.shut();
  process_.executor.arrive_after(2s, [this] { gate_.open(std::nullopt); });
  EXPECT_EQ(receive(20s), 10U);
}

}  // namespace
}  // namespace ow::platform
