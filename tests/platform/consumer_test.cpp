// The worker loop over a scripted store and a plain queue, in simulated time. Test thread only.
#include "platform/consumer.h"

#include <array>
#include <deque>

#include <gtest/gtest.h>

#include "base/bounds.h"
#include "sim/world/world.h"
#include "tests/platform/map_store.h"

namespace ow::platform {
namespace {

using base::ErrorCode;
using base::Result;
using base::Task;
using Kind = CommitOutcome::Kind;
using namespace std::chrono_literals;

/// Hands out what was put into it, once; remembers what was released.
class PlainQueues final : public Queues {
 public:
  PlainQueues(Executor& executor, const Clock& clock) : executor_(executor), clock_(clock) {}

  Task<Result<std::vector<Delivery>>> receive(ReceiveRequest request) override {
    ++receives;
    if (failures > 0) {
      --failures;
      co_return base::fail(ErrorCode::unavailable, "away", "The queue is away.");
    }
    if (waiting.empty()) co_await executor_.sleep_until(clock_.ticks() + request.wait);
    std::vector<Delivery> batch;
    while (!waiting.empty() && batch.size() < request.batch_max) {
      batch.push_back(std::move(waiting.front()));
      waiting.pop_front();
    }
    co_return batch;
  }
  Task<Result<void>> extend(Delivery, base::Duration) override { co_return Result<void>(); }
  Task<Result<void>> release(Delivery delivery, base::Duration delay) override {
    released.emplace_back(delivery.id.text, delay);
    last_error = delivery.error;
    co_return Result<void>();
  }

  std::deque<Delivery> waiting;
  std::vector<std::pair<std::string, base::Duration>> released;
  std::string last_error;
  int failures = 0;
  int receives = 0;

 private:
  Executor& executor_;
  const Clock& clock_;
};

class ConsumerTest : public testing::Test {
 protected:
  void deliver(int count, int receive_count = 1, base::Duration age = 0s) {
    for (int i = 0; i < count; ++i) {
      const auto id = "m" + std::to_string(++last_id_);
      queues_.waiting.push_back({.queue = "work",
                                 .id = base::MessageId(id),
                                 .group = "g",
                                 .body = "{}",
                                 .traceparent = {},
                                 .sent = world_.clock.now() - age,
                                 .receive_count = receive_count,
                                 .receipt = "r"});
    }
  }

  void run_for(base::Duration span, std::size_t parallel_max = 32) {
    ConsumerPorts ports{process_->executor, queues_, store_, world_.clock, process_->random, machine_.telemetry};
    ConsumerSpec spec{"work", parallel_max, [this](Delivery delivery) { return handle(std::move(delivery)); }};
    spec.together = together_;
    spec.yields = [this] { return busy_; };
    process_->executor.spawn(run_consumer(ports, std::move(spec)));
    world_.scheduler.run_for(span);
  }

  Task<Result<Commit>> handle(Delivery delivery) {
    ++runs_;
    most_at_once_ = std::max(most_at_once_, ++at_once_);
    if (takes_ > 0ms) co_await process_->executor.sleep_until(world_.clock.ticks() + takes_);
    --at_once_;
    if (refuses_) co_return base::fail(ErrorCode::unavailable, "gateway_away", "The gateway is away.");
    if (delivery.id.text == poison_) co_return Commit().put({.key = {"", "r"}, .kind = "test", .value = "1"});
    co_return Commit().put({.key = {"done#" + delivery.id.text, "r"}, .kind = "test", .value = "1"});
  }

  sim::SimWorld world_{1};
  sim::SimMachine machine_{world_, "test"};
  std::unique_ptr<sim::SimProcess> process_ = std::make_unique<sim::SimProcess>(world_, machine_);
  PlainQueues queues_{process_->executor, world_.clock};
  MapStore store_;
  base::Duration takes_ = 0ms;
  bool refuses_ = false;
  bool together_ = false;
  bool busy_ = false;
  std::string poison_;  // of this message comes a commit that no store takes
  int runs_ = 0, at_once_ = 0, most_at_once_ = 0, last_id_ = 0;
};

TEST_F(ConsumerTest, effect_and_ack_are_one_commit) {
  deliver(3);
  run_for(1s);
  ASSERT_EQ(store_.taken().size(), 3U);
  for (const auto& commit : store_.taken()) {
    EXPECT_EQ(commit.acks().size(), 1U);
    EXPECT_EQ(commit.writes().size(), 1U);
  }
  EXPECT_TRUE(queues_.released.empty());
  EXPECT_EQ(machine_.telemetry.count("ow_messages_handled_total"), 3U);
}

TEST_F(ConsumerTest, a_conflict_runs_the_handler_again) {
  deliver(1);
  store_.scripted = {CommitOutcome{Kind::conflict}, CommitOutcome{Kind::conflict}};
  run_for(1s);
  EXPECT_EQ(runs_, 3);
  EXPECT_EQ(store_.consumed().count("m1"), 1U);
}

TEST_F(ConsumerTest, a_conflict_without_end_releases_the_message) {
  deliver(1);
  store_.scripted.resize(100, CommitOutcome{Kind::conflict});
  run_for(1s);
  EXPECT_EQ(runs_, base::bounds::kConflictRunsMax);
  EXPECT_EQ(queues_.released.size(), 1U);
}

TEST_F(ConsumerTest, a_message_consumed_elsewhere_is_dropped) {
  deliver(1);
  store_.scripted = {CommitOutcome{Kind::conflict, {Conflict::Part::ack, {"work", "m1"}, {}}}};
  run_for(1s);
  EXPECT_EQ(runs_, 1);
  EXPECT_TRUE(queues_.released.empty());
  EXPECT_TRUE(store_.taken().empty());
}

TEST_F(ConsumerTest, an_error_releases_within_a_ceiling_that_doubles) {
  refuses_ = true;
  for (int receives = 1; receives <= 12; ++receives) deliver(1, receives);
  run_for(1s);
  ASSERT_EQ(queues_.released.size(), 12U);
  for (const auto& [id, delay] : queues_.released) {
    const int doublings = std::stoi(id.substr(1)) - 1;
    EXPECT_GE(delay, 0s) << id;
    EXPECT_LE(delay, std::min<base::Duration>(200ms * (1 << doublings), 60s)) << id;
  }
  EXPECT_TRUE(machine_.telemetry.logged("message_failed"));
  EXPECT_EQ(machine_.telemetry.count("ow_messages_failed_total"), 12U);
}

TEST_F(ConsumerTest, what_failed_together_comes_back_spread_over_the_whole_span) {
  refuses_ = true;
  deliver(400, 9);  // a ceiling of 51.2 s
  run_for(1s);
  std::array<int, 4> quarters{};
  for (const auto& [id, delay] : queues_.released)
    ++quarters[static_cast<std::size_t>(std::min<std::int64_t>(delay / 12'800ms, 3))];
  ASSERT_EQ(queues_.released.size(), 400U);
  for (const int count : quarters) EXPECT_GT(count, 60);
}

TEST_F(ConsumerTest, the_queue_hears_why_a_message_failed) {
  refuses_ = true;
  deliver(1);
  run_for(1s);
  EXPECT_EQ(queues_.last_error, "gateway_away: The gateway is away.");
}

TEST_F(ConsumerTest, that_another_message_of_the_step_is_gone_runs_the_handler_again) {
  deliver(1);
  store_.scripted = {CommitOutcome{Kind::conflict, {Conflict::Part::ack, {"other", "m7"}, {}}}};
  run_for(1s);
  EXPECT_EQ(runs_, 2);
  EXPECT_EQ(store_.consumed().count("m1"), 1U);
}

TEST_F(ConsumerTest, a_full_disk_releases_with_delay) {
  deliver(1);
  store_.scripted = {base::fail(ErrorCode::storage_full, "disk_full", "The disk is full.")};
  run_for(1s);
  ASSERT_EQ(queues_.released.size(), 1U);
  EXPECT_GT(queues_.released[0].second, 0ms);
}

TEST_F(ConsumerTest, no_more_handlers_run_at_once_than_allowed) {
  deliver(50);
  takes_ = 100ms;
  run_for(10s, 7);
  EXPECT_EQ(most_at_once_, 7);
  EXPECT_EQ(store_.taken().size(), 50U);
}

TEST_F(ConsumerTest, it_yields_to_a_burst_and_takes_a_few_messages_now_and_then) {
  constexpr auto kFew = static_cast<int>(base::bounds::kConsumerTrickle);
  busy_ = true;
  deliver(500);
  run_for(1s, 8 * kFew);
  EXPECT_GT(runs_, kFew);
  EXPECT_LE(runs_, kFew * (1s / base::bounds::kConsumerYieldMax + 1));
}

TEST_F(ConsumerTest, when_the_burst_is_over_it_takes_all_it_may) {
  busy_ = true;
  deliver(500);
  run_for(1s, 500);
  busy_ = false;
  world_.scheduler.run_for(1s);
  EXPECT_EQ(runs_, 500);
}

TEST_F(ConsumerTest, work_that_waited_too_long_yields_to_nobody) {
  busy_ = true;
  deliver(3, 1, 1s);
  deliver(97, 1, base::bounds::kConsumerYieldAgeMax + 1s);
  run_for(1s, 4);
  EXPECT_EQ(runs_, 100);
}

TEST_F(ConsumerTest, young_messages_beside_an_old_one_do_not_make_it_yield) {
  busy_ = true;
  for (int i = 0; i < 25; ++i) {
    deliver(1, 1, base::bounds::kConsumerYieldAgeMax + 1s);
    deliver(3);
  }
  run_for(1s, 4);
  EXPECT_EQ(runs_, 100);
}

TEST_F(ConsumerTest, a_stop_finishes_what_was_received_and_receives_no_more) {
  deliver(50);
  takes_ = 100ms;
  run_for(50ms, 8);
  const auto received = 50 - queues_.waiting.size();
  EXPECT_GT(received, 0U);
  process_->executor.request_stop();
  world_.scheduler.run_for(10s);
  EXPECT_EQ(store_.taken().size(), received);
  EXPECT_EQ(queues_.waiting.size(), 50 - received);
  EXPECT_EQ(process_->executor.spawned(), 0U);
}

TEST_F(ConsumerTest, a_queue_that_is_away_is_asked_again_with_back_off) {
  deliver(1);
  queues_.failures = 5;
  run_for(30s);
  EXPECT_EQ(store_.taken().size(), 1U);
  EXPECT_LE(queues_.receives, 9);
  EXPECT_TRUE(machine_.telemetry.logged("receive_failed"));
}

TEST_F(ConsumerTest, steps_that_end_together_settle_in_one_commit) {
  together_ = true;
  deliver(10);
  run_for(1s);
  ASSERT_EQ(store_.taken().size(), 1U);
  EXPECT_EQ(store_.consumed().size(), 10U);
  EXPECT_EQ(machine_.telemetry.count("ow_messages_handled_total"), 10U);
}

TEST_F(ConsumerTest, a_message_whose_step_is_poison_is_released_and_the_others_settle) {
  together_ = true;
  poison_ = "m4";
  deliver(10);
  run_for(1s);
  EXPECT_EQ(store_.consumed().size(), 9U);
  ASSERT_EQ(queues_.released.size(), 1U);
  EXPECT_EQ(queues_.released.front().first, "m4");
}

TEST_F(ConsumerTest, slots_that_are_freed_together_are_filled_by_one_receive) {
  together_ = true;
  deliver(64);
  run_for(1s, 8);
  EXPECT_EQ(store_.consumed().size(), 64U);
  EXPECT_LE(queues_.receives, 64 / 8 + 2);
}

TEST_F(ConsumerTest, a_killed_process_leaves_nothing_behind) {
  deliver(20);
  takes_ = 100ms;
  run_for(50ms, 8);
  process_.reset();
  EXPECT_TRUE(store_.taken().empty());
}

}  // namespace
}  // namespace ow::platform
