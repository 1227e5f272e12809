// The weak decorators over small strong twins: what they may bend and what they may not.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "sim/world/weak_event_log.h"
#include "sim/world/weak_queues.h"
#include "sim/world/weak_store.h"
#include "sim/world/world.h"

namespace ow::sim {
namespace {

using namespace std::chrono_literals;
using base::Result;
using base::Task;
using platform::Commit;
using platform::CommitOutcome;
using platform::Delivery;
using platform::Record;
using platform::RecordPtr;
using Kind = CommitOutcome::Kind;

/// Records by key, one index, no conditions.
class PlainStore final : public platform::Store {
 public:
  Task<Result<std::vector<RecordPtr>>> get(std::vector<platform::Key> keys) override {
    std::vector<RecordPtr> found;
    for (const auto& key : keys) {
      const auto record = records_.find(key);
      found.push_back(record == records_.end() ? nullptr : std::make_shared<Record>(record->second));
    }
    co_return found;
  }
  Task<Result<std::vector<std::optional<platform::Counter>>>> counters(std::vector<platform::Key> keys) override {
    co_return std::vector<std::optional<platform::Counter>>(keys.size());
  }
  Task<Result<platform::Page>> query(platform::Query query) override {
    platform::Page page;
    for (const auto& [key, record] : records_) {
      if (!record.indexes.empty() && record.indexes[0].partition == query.partition) page.records.push_back(record);
    }
    co_return page;
  }
  Task<Result<CommitOutcome>> commit(Commit commit) override {
    ++commits;
    for (const auto& [key, write] : commit.writes()) {
      records_.erase(key);
      if (write.record) records_.emplace(key, *write.record);
    }
    co_return CommitOutcome{};
  }

  int commits = 0;

 private:
  std::map<platform::Key, Record> records_;
};

Record order(const std::string& id, const std::string& status) {
  Record record;
  record.key = {"order", id};
  record.value = status;
  record.indexes = {{"by_status", status, id}};
  return record;
}

class WeakTest : public testing::Test {
 protected:
  SimWorld world_{3};
  SimExecutor executor_{world_.scheduler};
};

class WeakStoreTest : public WeakTest {
 protected:
  WeakStore weak(WeakWeather weather) { return WeakStore(plain_, executor_, world_.clock, SimRandom(5), weather); }
  std::vector<std::string> of_status(WeakStore& store, const std::string& status) {
    platform::Query query;
    query.index = "by_status";
    query.partition = status;
    std::vector<std::string> ids;
    const auto page = executor_.run(store.query(query)).value();
    for (const auto& record : page.records) {
      ids.push_back(record.key.sort + record.value);
    }
    return ids;
  }
  Kind commit(WeakStore& store, Commit commit) { return executor_.run(store.commit(std::move(commit)))->kind; }

  PlainStore plain_;
};

using Ids = std::vector<std::string>;

TEST_F(WeakStoreTest, an_index_shows_the_earlier_state_until_the_lag_is_over) {
  auto store = weak({.contended = 0, .unknown = 0, .stale_index = 1000});
  commit(store, Commit().put(order("1", "open")).put(order("2", "open")));
  world_.scheduler.run_for(10s);
  EXPECT_EQ(of_status(store, "open"), (Ids{"1open", "2open"}));
  commit(store, Commit().put(order("1", "done")).put(order("3", "open")));
  EXPECT_EQ(of_status(store, "open"), (Ids{"1open", "2open"}));
  EXPECT_EQ(of_status(store, "done"), (Ids{}));
  EXPECT_EQ(executor_.run(store.get({{"order", "1"}})).value().at(0)->value, "done");
  world_.scheduler.run_for(10s);
  EXPECT_EQ(of_status(store, "open"), (Ids{"2open", "3open"}));
  EXPECT_EQ(of_status(store, "done"), (Ids{"1done"}));
}

TEST_F(WeakStoreTest, a_contended_commit_changes_nothing) {
  auto store = weak({.contended = 1000});
  EXPECT_EQ(commit(store, Commit().put(order("1", "open"))), Kind::contended);
  EXPECT_EQ(plain_.commits, 0);
}

TEST_F(WeakStoreTest, an_unknown_commit_is_taken_or_not) {
  auto store = weak({.contended = 0, .unknown = 1000});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(commit(store, Commit().put(order("1", "open"))), Kind::unknown);
  EXPECT_GT(plain_.commits, 25);
  EXPECT_LT(plain_.commits, 75);
}

/// Hands out each of its messages once.
class PlainQueues final : public platform::Queues {
 public:
  PlainQueues(SimExecutor& executor, int messages) : executor_(executor) {
    for (int i = 0; i < messages; ++i) {
      Delivery delivery;
      delivery.queue = "q";
      delivery.id = base::MessageId(std::to_string(i));
      left_.push_back(delivery);
    }
  }
  Task<Result<std::vector<Delivery>>> receive(platform::ReceiveRequest request) override {
    EXPECT_LE(request.batch_max, 10U);
    EXPECT_GE(request.wait, 0s);
    if (left_.empty()) co_await executor_.sleep_until(executor_.scheduler().clock().ticks() + request.wait);
    const auto count = static_cast<std::ptrdiff_t>(std::min(request.batch_max, left_.size()));
    std::vector<Delivery> batch(left_.begin(), left_.begin() + count);
    left_.erase(left_.begin(), left_.begin() + count);
    co_return batch;
  }
  Task<Result<void>> extend(Delivery, base::Duration) override { co_return Result<void>(); }
  Task<Result<void>> release(Delivery, base::Duration) override { co_return Result<void>(); }

 private:
  SimExecutor& executor_;
  std::vector<Delivery> left_;
};

class WeakQueuesTest : public WeakTest {
 protected:
  /// Receives for a minute; the ids in the order they came.
  std::vector<std::string> received(WeakWeather weather, std::uint64_t seed) {
    PlainQueues plain(executor_, 40);
    WeakQueues queues(plain, executor_, world_.clock, SimRandom(seed), weather);
    std::vector<std::string> ids;
    const auto end = world_.clock.ticks() + 60s;
    while (world_.clock.ticks() < end) {
      const auto batch = executor_.run(queues.receive({.queue = "q", .batch_max = 10, .wait = 2s}));
      EXPECT_LE(batch->size(), 10U);
      for (const auto& delivery : *batch) ids.push_back(delivery.id.text);
    }
    return ids;
  }
};

TEST_F(WeakQueuesTest, every_message_comes_and_some_come_twice_or_late) {
  const auto ids = received({.late = 300, .duplicated = 300, .reordered = 500}, 1);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 40U);
  EXPECT_GT(ids.size(), 44U);
  EXPECT_FALSE(std::is_sorted(ids.begin(), ids.end()));
}

TEST_F(WeakQueuesTest, calm_weather_changes_nothing) {
  const auto ids = received({.late = 0, .duplicated = 0, .reordered = 0}, 1);
  ASSERT_EQ(ids.size(), 40U);
  for (int i = 0; i < 40; ++i) EXPECT_EQ(ids[static_cast<std::size_t>(i)], std::to_string(i));
}

TEST_F(WeakQueuesTest, two_runs_of_a_seed_agree) {
  EXPECT_EQ(received({}, 9), received({}, 9));
  EXPECT_NE(received({}, 9), received({}, 10));
}

/// One event a second; the cursor is the number of events passed.
class PlainLog final : public platform::EventLog {
 public:
  explicit PlainLog(const SimClock& clock) : clock_(clock) {}
  void add() {
    platform::Event event;
    event.time = clock_.now();
    event.cursor = std::to_string(events_.size() + 1);
    events_.push_back(event);
  }
  Task<Result<std::vector<platform::Event>>> by_subject(std::string, std::uint64_t, std::size_t) override {
    co_return events_;
  }
  Task<Result<platform::EventPage>> after(std::string cursor, std::size_t limit) override {
    platform::EventPage page;
    const std::size_t from = cursor.empty() ? 0 : std::stoul(cursor);
    const std::size_t to = std::min(from + limit, events_.size());
    for (std::size_t i = from; i < to; ++i) page.events.push_back(events_[i]);
    page.next_cursor = std::to_string(to);
    co_return page;
  }
  Task<Result<platform::EventPage>> newest(std::size_t) override {
    platform::EventPage page;
    page.events.assign(events_.rbegin(), events_.rend());
    page.next_cursor = "0";
    co_return page;
  }
  Task<Result<platform::EventPage>> before(std::string cursor, std::size_t) override {
    co_return platform::EventPage{{}, std::move(cursor)};
  }
  Task<Result<std::string>> cursor_at(base::Instant) override { co_return std::string("0"); }

 private:
  const SimClock& clock_;
  std::vector<platform::Event> events_;
};

TEST_F(WeakTest, following_a_weak_log_forward_skips_nothing) {
  PlainLog plain(world_.clock);
  WeakEventLog log(plain, executor_, world_.clock, SimRandom(2), {});
  std::string cursor;
  std::vector<std::string> seen;
  bool lagged = false;
  for (int second = 0; second < 100; ++second) {
    if (second < 60) plain.add();
    const auto page = executor_.run(log.after(cursor, 100)).value();
    for (const auto& event : page.events) seen.push_back(event.cursor);
    EXPECT_FALSE(page.next_cursor.empty());
    cursor = page.next_cursor;
    lagged = lagged || (second < 60 && seen.size() < static_cast<std::size_t>(second) + 1);
    world_.scheduler.run_for(1s);
  }
  EXPECT_TRUE(lagged);
  ASSERT_EQ(seen.size(), 60U);
  for (std::size_t i = 0; i < 60; ++i) EXPECT_EQ(seen[i], std::to_string(i + 1));
}

}  // namespace
}  // namespace ow::sim
