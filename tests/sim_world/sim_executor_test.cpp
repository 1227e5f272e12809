// The scheduler and the executor of the simulated world: what keeps its order, what a seed may reorder, time,
// stop, and the end of a process.
#include "sim/world/sim_executor.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "sim/world/world.h"

namespace ow::sim {
namespace {

using namespace std::chrono_literals;
using base::Task;
using platform::Lane;
using End = SimScheduler::End;

struct Small {
  explicit Small(std::uint64_t seed) : scheduler(clock, SimRandom(seed), history) {}
  SimClock clock;
  History history;
  SimScheduler scheduler;
};

Task<void> sleep_and_tell(SimExecutor& executor, base::Duration due, std::string name, std::string& told) {
  co_await executor.sleep_until(due);
  told += name;
}

Task<int> answer(SimExecutor& executor) {
  co_await executor.sleep_until(5s);
  co_return 42;
}

TEST(SimExecutor, posts_of_one_thread_and_jobs_of_one_lane_keep_their_order) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Small world(seed);
    SimExecutor executor(world.scheduler);
    std::string loop;
    std::string lane;
    for (const char letter : {'a', 'b', 'c', 'd'}) {
      executor.post([&, letter] { loop += letter; });
      executor.submit(Lane::commit, [&, letter] { lane += letter; });
    }
    EXPECT_EQ(world.scheduler.run_until_idle(), End::idle);
    EXPECT_EQ(loop, "abcd");
    EXPECT_EQ(lane, "abcd");
  }
}

TEST(SimExecutor, posts_from_a_lane_keep_their_order_among_themselves) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Small world(seed);
    SimExecutor executor(world.scheduler);
    std::string posted;
    for (const char letter : {'a', 'b', 'c'}) {
      executor.submit(Lane::read, [&, letter] { executor.post([&, letter] { posted += letter; }); });
    }
    world.scheduler.run_until_idle();
    EXPECT_EQ(posted, "abc");
  }
}

TEST(SimExecutor, seeds_choose_which_thread_comes_next) {
  std::set<std::string> orders;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Small world(seed);
    SimExecutor executor(world.scheduler);
    std::string order;
    executor.post([&] { order += 'l'; });
    executor.submit(Lane::commit, [&] { order += 'c'; });
    executor.submit(Lane::read, [&] { order += 'r'; });
    world.scheduler.run_until_idle();
    orders.insert(order);
  }
  EXPECT_EQ(orders.size(), 6U);
}

TEST(SimExecutor, time_jumps_to_the_next_sleeper_when_nothing_is_ready) {
  Small world(1);
  SimExecutor executor(world.scheduler);
  std::string told;
  executor.spawn(sleep_and_tell(executor, 3h, "late", told));
  executor.spawn(sleep_and_tell(executor, 2h, "early ", told));
  EXPECT_EQ(world.scheduler.run_until_idle(), End::idle);
  EXPECT_EQ(told, "early late");
  EXPECT_GE(world.clock.ticks(), 3h);
  EXPECT_LT(world.clock.ticks(), 3h + 1s);
}

TEST(SimExecutor, a_limit_of_time_ends_the_run_before_a_later_sleeper) {
  Small world(1);
  SimExecutor executor(world.scheduler);
  std::string told;
  executor.spawn(sleep_and_tell(executor, 10s, "x", told));
  EXPECT_EQ(world.scheduler.run_for(9s), End::time);
  EXPECT_EQ(told, "");
  EXPECT_GE(world.clock.ticks(), 9s);
  world.scheduler.run_for(2s);
  EXPECT_EQ(told, "x");
}

TEST(SimExecutor, run_gives_what_the_task_returned) {
  Small world(1);
  SimExecutor executor(world.scheduler);
  EXPECT_EQ(executor.run(answer(executor)), 42);
  EXPECT_EQ(executor.spawned(), 0U);
}

TEST(SimExecutor, a_stop_ends_sleeps_early_and_refuses_new_ones) {
  Small world(1);
  SimExecutor executor(world.scheduler);
  std::string told;
  executor.spawn(sleep_and_tell(executor, 1h, "a", told));
  executor.post([&] { executor.request_stop(); });
  EXPECT_EQ(world.scheduler.run_until([&] { return executor.spawned() == 0; }), End::reached);
  EXPECT_EQ(told, "a");
  EXPECT_LT(world.clock.ticks(), 1s);
  EXPECT_FALSE(executor.run(executor.sleep_until(1h)));
}

struct OnEnd {
  std::string& told;
  ~OnEnd() { told += "gone "; }
};

Task<void> hold_until(SimExecutor& executor, base::Duration due, std::string& told) {
  const OnEnd end{told};
  co_await executor.sleep_until(due);
  co_await platform::offload(executor, Lane::render, [&told] { told += "rendered "; });
  told += "finished ";
}

TEST(SimExecutor, the_end_of_a_process_destroys_its_frames_and_runs_nothing_more) {
  Small world(1);
  std::string told;
  auto executor = std::make_unique<SimExecutor>(world.scheduler);
  executor->spawn(hold_until(*executor, 1s, told));
  executor->spawn(hold_until(*executor, 1h, told));
  world.scheduler.run_for(1s - 1us);
  executor.reset();
  EXPECT_EQ(told, "gone gone ");
  EXPECT_EQ(world.scheduler.run_until_idle(), End::idle);
  EXPECT_EQ(told, "gone gone ");
}

TEST(SimExecutor, the_end_of_a_process_leaves_the_others_running) {
  Small world(1);
  std::string told;
  SimExecutor survivor(world.scheduler);
  survivor.spawn(sleep_and_tell(survivor, 2s, "survived", told));
  auto executor = std::make_unique<SimExecutor>(world.scheduler);
  executor->spawn(sleep_and_tell(*executor, 2s, "never", told));
  executor->post([&] { executor->halt(); });
  EXPECT_EQ(world.scheduler.run_until_idle(), End::halted);
  executor.reset();
  EXPECT_EQ(world.scheduler.run_until_idle(), End::idle);
  EXPECT_EQ(told, "survived");
}

std::uint64_t fingerprint_of(std::uint64_t seed) {
  SimWorld world(seed);
  SimMachine machine(world, "platform");
  SimProcess process(world, machine);
  std::string told;
  for (int i = 0; i < 10; ++i) {
    process.executor.spawn(sleep_and_tell(process.executor, i * 10us, std::to_string(i), told));
    process.executor.submit(Lane::commit, [&told] { told += "c"; });
  }
  world.scheduler.run_until_idle();
  world.history.tell(told);
  return world.history.fingerprint();
}

TEST(SimWorld, two_runs_of_a_seed_agree_and_seeds_differ) {
  std::set<std::uint64_t> fingerprints;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    EXPECT_EQ(fingerprint_of(seed), fingerprint_of(seed));
    fingerprints.insert(fingerprint_of(seed));
  }
  EXPECT_EQ(fingerprints.size(), 30U);
}

TEST(SimRandom, forks_do_not_depend_on_what_was_drawn) {
  SimRandom drawn(7);
  for (int i = 0; i < 10; ++i) drawn.next();
  EXPECT_EQ(drawn.fork("network").next(), SimRandom(7).fork("network").next());
  EXPECT_NE(SimRandom(7).fork("network").next(), SimRandom(7).fork("disk").next());
}

TEST(SimClock, the_wall_steps_without_moving_the_ticks) {
  SimClock clock;
  const auto start = clock.now();
  clock.advance(5s);
  clock.step_wall(-1h);
  EXPECT_EQ(clock.ticks(), 5s);
  EXPECT_EQ(clock.now(), start + 5s - 1h);
}

}  // namespace
}  // namespace ow::sim
