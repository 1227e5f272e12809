// AsioExecutor: order of jobs, lanes, sleeping, stopping, who owns spawned tasks.
#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "local/asio_executor.h"
#include "local/machine.h"

namespace ow::local {
namespace {

using namespace std::chrono_literals;

base::Task<void> stop_now(AsioExecutor& executor) {
  executor.request_stop();
  co_return;
}

TEST(AsioExecutor, JobsOfOneThreadRunInTheOrderOfTheirPosts) {
  AsioExecutor executor;
  std::vector<int> ran;
  std::thread poster([&] {
    for (int i = 0; i < 10'000; ++i) executor.post([&ran, i] { ran.push_back(i); });
    executor.request_stop();
  });
  executor.run();
  poster.join();
  ASSERT_EQ(ran.size(), 10'000U);
  EXPECT_TRUE(std::is_sorted(ran.begin(), ran.end()));
}

TEST(AsioExecutor, PostsOfManyThreadsAllRunOnTheLoopThread) {
  AsioExecutor executor;
  std::atomic<int> wrong_thread{0};
  int ran = 0;
  const auto loop_thread = std::this_thread::get_id();
  std::vector<std::thread> posters;
  for (int t = 0; t < 4; ++t) {
    posters.emplace_back([&] {
      for (int i = 0; i < 5'000; ++i) {
        executor.post([&] {
          if (std::this_thread::get_id() != loop_thread) ++wrong_thread;
          if (++ran == 20'000) executor.request_stop();
        });
      }
    });
  }
  executor.run();
  for (auto& poster : posters) poster.join();
  EXPECT_EQ(ran, 20'000);
  EXPECT_EQ(wrong_thread, 0);
}

base::Task<void> offload_many(AsioExecutor& executor, platform::Lane lane, int times, int& sum) {
  for (int i = 0; i < times; ++i) {
    int result = 0;
    co_await platform::offload(executor, lane, [&result, i] { result = i; });
    sum += result;
  }
}

base::Task<void> offload_on_two_lanes(AsioExecutor& executor, int& sum) {
  co_await offload_many(executor, platform::Lane::commit, 500, sum);
  co_await offload_many(executor, platform::Lane::password, 500, sum);
  executor.request_stop();
}

TEST(AsioExecutor, OffloadedWorkComesBackToTheLoop) {
  AsioExecutor executor;
  int sum = 0;
  executor.spawn(offload_on_two_lanes(executor, sum));
  executor.run();
  EXPECT_EQ(sum, 2 * 499 * 250);
}

TEST(AsioExecutor, ALaneRunsItsJobsInOrderAndFinishesThemBeforeTheExecutorGoes) {
  std::vector<int> ran;
  {
    AsioExecutor executor;
    for (int i = 0; i < 5'000; ++i) executor.submit(platform::Lane::commit, [&ran, i] { ran.push_back(i); });
  }
  EXPECT_EQ(ran.size(), 5'000U);
  EXPECT_TRUE(std::is_sorted(ran.begin(), ran.end()));
}

base::Task<void> sleep_then_stop(AsioExecutor& executor, base::Duration due, bool& reached) {
  reached = co_await executor.sleep_until(due);
  executor.request_stop();
}

TEST(AsioExecutor, ASleepEndsWhenItsTimeHasCome) {
  AsioExecutor executor;
  const SystemClock clock;
  const auto due = clock.ticks() + 20ms;
  bool reached = false;
  executor.spawn(sleep_then_stop(executor, due, reached));
  executor.run();
  EXPECT_TRUE(reached);
  EXPECT_GE(clock.ticks(), due);
}

TEST(AsioExecutor, ASleepUntilThePastEndsAtOnce) {
  AsioExecutor executor;
  bool reached = false;
  executor.spawn(sleep_then_stop(executor, base::Duration(0), reached));
  executor.run();
  EXPECT_TRUE(reached);
}

base::Task<void> sleep_and_count(AsioExecutor& executor, base::Duration due, char& reached, int& ended) {
  reached = co_await executor.sleep_until(due);
  ++ended;
}

TEST(AsioExecutor, StoppingEndsSleepsEarlyAndRunWaitsForTheTasks) {
  AsioExecutor executor;
  const SystemClock clock;
  std::vector<char> reached(100, 1);
  int ended = 0;
  for (auto& result : reached) executor.spawn(sleep_and_count(executor, clock.ticks() + 1h, result, ended));
  executor.spawn(stop_now(executor));
  executor.run();
  EXPECT_EQ(ended, 100);
  EXPECT_EQ(std::count(reached.begin(), reached.end(), 0), 100);
}

TEST(AsioExecutor, ASleepAfterTheStopDoesNotWait) {
  AsioExecutor executor;
  const SystemClock clock;
  bool reached = true;
  executor.request_stop();
  executor.spawn(sleep_then_stop(executor, clock.ticks() + 1h, reached));
  executor.run();
  EXPECT_FALSE(reached);
}

TEST(AsioExecutor, RunEndsAtOnceWhenStoppedWithoutTasks) {
  AsioExecutor executor;
  executor.request_stop();
  executor.request_stop();
  executor.run();
  EXPECT_TRUE(executor.stopping());
}

struct CountsItsEnd {
  int& ended;
  ~CountsItsEnd() { ++ended; }
};

base::Task<void> sleep_long(AsioExecutor& executor, base::Duration due, int& ended) {
  CountsItsEnd counter{ended};
  co_await executor.sleep_until(due);
}

TEST(AsioExecutor, TasksThatHaveNotEndedAreDestroyedWithIt) {
  int ended = 0;
  {
    AsioExecutor executor;
    const SystemClock clock;
    executor.spawn(sleep_long(executor, clock.ticks() + 1h, ended));
    executor.loop().run_one();  // the task starts and sleeps
    EXPECT_EQ(ended, 0);
  }
  EXPECT_EQ(ended, 1);
}

TEST(AsioExecutor, ASleepingTaskMayBeDestroyedAndItsTimerComeLater) {
  AsioExecutor executor;
  const SystemClock clock;
  int ended = 0;
  {
    const auto task = sleep_long(executor, clock.ticks() + 1ms, ended);
    task.operator co_await().handle.resume();
  }
  EXPECT_EQ(ended, 1);
  bool reached = false;
  executor.spawn(sleep_then_stop(executor, clock.ticks() + 5ms, reached));
  executor.run();
  EXPECT_TRUE(reached);
}

base::Task<void> throws_up() {
  throw std::runtime_error("oops");
  co_return;
}

TEST(AsioExecutorDeathTest, AnExceptionThatLeavesATaskEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        AsioExecutor executor;
        executor.spawn(throws_up());
        executor.run();
      },
      "oops");
}

}  // namespace
}  // namespace ow::local
