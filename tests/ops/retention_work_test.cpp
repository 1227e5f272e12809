// Retention as background work: what it says in metrics of what is stored, how old the oldest is, and what was dropped.
#include "ops/retention_work.h"

#include <gtest/gtest.h>

#include "sim/world/world.h"

namespace ow::ops {
namespace {

using namespace std::chrono_literals;
using base::Result;
using base::Task;

/// A store of a few things, a page each.
class FewThings final : public platform::Retention {
 public:
  Task<Result<platform::PrunedEvents>> prune_events(base::Instant before) override {
    asked_before.push_back(before);
    auto pruned = answers.empty() ? platform::PrunedEvents{} : answers.front();
    if (!answers.empty()) answers.erase(answers.begin());
    co_return pruned;
  }
  Task<Result<platform::StoredPage>> browse(std::string cursor, std::size_t) override {
    const auto at = cursor.empty() ? std::size_t{0} : static_cast<std::size_t>(std::stoul(cursor));
    platform::StoredPage page;
    if (at < things.size()) page.things.push_back(things[at]);
    if (at + 1 < things.size()) page.next_cursor = std::to_string(at + 1);
    co_return page;
  }

  std::vector<platform::StoredThing> things;
  std::vector<platform::PrunedEvents> answers;
  std::vector<base::Instant> asked_before;
};

class RetentionWork : public testing::Test {
 protected:
  RetentionPorts ports() { return {store_, process_.executor, world_.clock, machine_.telemetry}; }
  void hold(const char* kind, const char* record, std::optional<base::Instant> expires) {
    const bool expired = expires && *expires <= world_.clock.now();
    store_.things.push_back({kind, record, {}, expired, {}, expires});
  }
  double oldest(const char* kind) { return machine_.telemetry.value("ow_oldest_kept_unix_seconds", {{"kind", kind}}); }
  static double seconds(base::Instant at) { return static_cast<double>(at.us) / 1e6; }

  FewThings store_;
  sim::SimWorld world_{3};
  sim::SimMachine machine_{world_, "platform"};
  sim::SimProcess process_{world_, machine_};
};

TEST_F(RetentionWork, says_how_old_the_oldest_of_each_kind_is_that_is_kept) {
  const auto now = world_.clock.now();
  hold("record", "idempotency", now + 20h);  // 4 hours old
  hold("record", "idempotency", now + 23h);
  hold("record", "execution", std::nullopt);  // still runs
  hold("record", "execution", now + 24h);     // ended 6 days ago
  hold("message", "", std::nullopt);          // in a queue
  hold("message", "", now + 12h);             // died 1.5 days ago
  KeptFor kept;
  kept.executions = 7 * 24h;
  kept.dead_letters = 2 * 24h;
  process_.executor.spawn(run_store_census(ports(), kept));
  world_.scheduler.run_for(5min);
  EXPECT_EQ(oldest("idempotency"), seconds(now - 4h));
  EXPECT_EQ(oldest("execution"), seconds(now - 6 * 24h));
  EXPECT_EQ(oldest("message"), seconds(now - 36h));
}

TEST_F(RetentionWork, counts_what_expired_apart_and_takes_it_for_nothing_that_is_kept) {
  hold("record", "idempotency", world_.clock.now());
  process_.executor.spawn(run_store_census(ports(), {}));
  world_.scheduler.run_for(5min);
  EXPECT_EQ(machine_.telemetry.value("ow_stored_expired_things", {{"kind", "record"}, {"record", "idempotency"}}), 1);
  EXPECT_EQ(machine_.telemetry.value("ow_stored_things", {{"kind", "record"}, {"record", "idempotency"}}), 0);
  EXPECT_EQ(oldest("idempotency"), 0);
}

TEST_F(RetentionWork, prunes_events_piece_by_piece_and_counts_them) {
  const auto now = world_.clock.now();
  store_.answers = {{500, now - 39 * 24h, true}, {20, now - 29 * 24h, false}};
  process_.executor.spawn(run_event_retention(ports(), 30));
  world_.scheduler.run_for(1min);
  ASSERT_EQ(store_.asked_before.size(), 2U);
  EXPECT_LE(store_.asked_before.front(), world_.clock.now() - 30 * 24h);
  EXPECT_EQ(machine_.telemetry.count("ow_pruned_total"), 520U);
  EXPECT_EQ(oldest("event"), seconds(now - 29 * 24h));
}

TEST_F(RetentionWork, drops_no_event_unless_it_is_told_to) {
  process_.executor.spawn(run_event_retention(ports(), std::nullopt));
  world_.scheduler.run_for(24h);
  EXPECT_TRUE(store_.asked_before.empty());
}

}  // namespace
}  // namespace ow::ops
