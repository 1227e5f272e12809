// The engine on real threads over the store of production: one loop, one thread a lane, one for overlays on
// their way down. Made for the thread sanitizer.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <thread>

#include "contracts/engine_ports.h"
#include "engine/embedded_engine.h"
#include "engine/rocks/key_value.h"
#include "local/lane_thread.h"
#include "rocks_place.h"
#include "sim/world/world.h"

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
// The packaged RocksDB is not instrumented, so its own synchronisation is invisible to the sanitizer.
extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:librocksdb.so\nrace:librocksdb.so\nrace:rocksdb::\n";
}
#endif
#endif

namespace ow::engine {
namespace {

using contracts::ack;
using contracts::event;
using contracts::message;
using contracts::record;
using platform::Commit;
using namespace std::chrono_literals;

/// Jobs in order on one thread.
class JobThread {
 public:
  JobThread() : thread_([this] { run(); }) {}
  JobThread(const JobThread&) = delete;
  JobThread& operator=(const JobThread&) = delete;
  ~JobThread() {
    add({});
    thread_.join();
  }
  void add(platform::Job job) {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
    changed_.notify_one();
  }

 private:
  void run() {
    while (true) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !jobs_.empty(); });
      const auto job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      if (!job) return;
      job();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<platform::Job> jobs_;
  std::thread thread_;
};

class ThreadsClock final : public platform::Clock {
 public:
  base::Instant now() const override { return {1'767'225'600'000'000 + ticks().count()}; }
  base::Duration ticks() const override { return base::Duration(ticks_.load()); }
  void advance(base::Duration span) { ticks_ += span.count(); }

 private:
  std::atomic<std::int64_t> ticks_{0};
};

/// The loop is the thread that calls run_until(); time moves only when the loop has nothing to do.
class ThreadsExecutor final : public platform::Executor {
 public:
  explicit ThreadsExecutor(ThreadsClock& clock) : clock_(clock) {}

  void post(platform::Job job) override {
    const std::lock_guard lock(mutex_);
    posts_.push_back(std::move(job));
    changed_.notify_one();
  }
  void submit(platform::Lane lane, platform::Job job) override {
    lanes_[static_cast<std::size_t>(lane)].add(std::move(job));
  }
  base::Task<bool> sleep_until(base::Duration due) override {
    if (stopping_) co_return false;
    auto done = std::make_shared<base::Completion<bool>>();
    sleepers_.emplace(due, done);
    co_return co_await *done;
  }
  void spawn(base::Task<void> task) override {
    tasks_.push_back(std::move(task));
    const auto* started = &tasks_.back();
    post([started] { started->operator co_await().await_suspend(std::noop_coroutine()).resume(); });
  }
  void request_stop() override {
    stopping_ = true;
    for (auto& [due, done] : std::exchange(sleepers_, {})) {
      post([sleeper = done] { sleeper->complete(false); });
    }
  }
  bool stopping() const override { return stopping_; }

  void run_until(const std::function<bool()>& reached) {
    while (!reached()) {
      std::unique_lock lock(mutex_);
      if (!changed_.wait_for(lock, 1ms, [this] { return !posts_.empty(); })) {
        lock.unlock();
        wake_next();
        continue;
      }
      const auto job = std::move(posts_.front());
      posts_.pop_front();
      lock.unlock();
      job();
    }
  }

 private:
  void wake_next() {
    if (sleepers_.empty()) return;
    const auto first = sleepers_.begin();
    clock_.advance(std::max(first->first - clock_.ticks(), base::Duration{}));
    const auto done = first->second;
    sleepers_.erase(first);
    done->complete(true);
  }

  ThreadsClock& clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<platform::Job> posts_;
  std::multimap<base::Duration, std::shared_ptr<base::Completion<bool>>> sleepers_;
  std::list<base::Task<void>> tasks_;
  std::atomic<bool> stopping_ = false;
  std::array<JobThread, 4> lanes_;  // last: its threads end first
};

class QuietTelemetry final : public platform::Telemetry {
 public:
  platform::CounterMetric& counter(std::string_view, platform::Labels) override { return counter_; }
  platform::GaugeMetric& gauge(std::string_view, platform::Labels) override { return gauge_; }
  platform::HistogramMetric& histogram(std::string_view, platform::Labels) override { return histogram_; }
  void log(platform::LogLevel, std::string_view, const platform::Labels&) override {}

 private:
  struct Counter final : platform::CounterMetric {
    void add(std::uint64_t) override {}
  } counter_;
  struct Gauge final : platform::GaugeMetric {
    void set(double) override {}
  } gauge_;
  struct Histogram final : platform::HistogramMetric {
    void observe(double) override {}
  } histogram_;
};

struct Load {
  EmbeddedEngine& engine;
  platform::Executor& executor;
  platform::Clock& clock;
  int writing = 8;
  int consumed = 0;
  int wrong = 0;
};

constexpr int kOrdersPerWriter = 40;

base::Task<void> write_orders(Load& load, int writer) {
  for (int i = 0; i < kOrdersPerWriter; ++i) {
    const std::string id = std::to_string(writer) + "-" + std::to_string(i);
    auto put = record("order", id, std::string(500, 'x'));
    put.indexes = {{"by_writer", std::to_string(writer), id}};
    auto parts = Commit().put(put, platform::Expect::absent()).event(event(id, "created", load.clock.now()));
    parts.move({"stock", "p"}, "", "available", 1).send(message("orders", id, id));
    parts.schedule({id, load.clock.now() + 1h, message("orders", id + "-late", id)});
    const auto outcome = co_await load.engine.store().commit(std::move(parts));
    if (!outcome || !outcome->committed()) ++load.wrong;
    const auto found = co_await platform::get_one(load.engine.store(), {"order", id});
    if (!found || !*found) ++load.wrong;
    const auto listed = co_await load.engine.store().query({.index = "by_writer", .partition = std::to_string(writer)});
    if (!listed || listed->records.empty()) ++load.wrong;
    const auto events = co_await load.engine.event_log().by_subject(id, 0, 10);
    if (!events || events->empty()) ++load.wrong;
  }
  --load.writing;
}

base::Task<void> consume(Load& load) {
  while (!load.executor.stopping()) {
    const auto received = co_await load.engine.queues().receive({"orders", 16, 1s});
    for (const auto& one : received.value_or(std::vector<platform::Delivery>{})) {
      auto parts = Commit().ack(ack(one)).cancel_timer(one.id.text).event(event(one.group, "consumed"));
      const auto outcome = co_await load.engine.store().commit(std::move(parts));
      if (outcome && outcome->committed()) ++load.consumed;
    }
  }
}

template <typename T>
base::Task<void> keep(base::Task<T> task, std::optional<T>& value) {
  value.emplace(co_await task);
}

TEST(Threads, writers_readers_and_consumers_share_the_engine) {
  TestFolder folder;
  std::unique_ptr<platform::KeyValue> key_value;
  local::LaneThread background;  // ends before the store
  JournalOptions journal{.segment_bytes = 256 << 10, .overlay_keys = 500};
  journal.background = [&background](platform::Job job) { background.submit(std::move(job)); };
  key_value = open_journaled_at({.directory = folder.path("store")}, std::move(journal)).value();
  ThreadsClock clock;
  sim::SimRandom random(1);
  contracts::OneRule rules;
  QuietTelemetry telemetry;
  auto executor = std::make_unique<ThreadsExecutor>(clock);
  EngineOptions options;
  options.cache_bytes = 64 << 10;  // evicts all the time
  auto engine = EmbeddedEngine::open({*key_value, *executor, clock, random, rules, telemetry}, options).value();
  platform::QueueSpec spec;
  spec.name = "orders";
  std::optional<base::Result<void>> declared;
  executor->spawn(keep(engine->queue_admin().declare(spec), declared));
  executor->run_until([&] { return declared.has_value(); });
  ASSERT_TRUE(declared->has_value());

  Load load{*engine, *executor, clock};
  executor->spawn(engine->run_timers());
  const int orders = load.writing * kOrdersPerWriter;
  for (int writer = 0; writer < 8; ++writer) executor->spawn(write_orders(load, writer));
  for (int consumer = 0; consumer < 2; ++consumer) executor->spawn(consume(load));
  executor->run_until([&] { return load.writing == 0 && load.consumed == orders; });
  EXPECT_EQ(load.wrong, 0);

  executor->request_stop();
  std::optional<base::Result<std::vector<std::optional<platform::Counter>>>> stock;
  executor->spawn(keep(engine->store().counters({{"stock", "p"}}), stock));
  executor->run_until([&] { return stock.has_value(); });
  EXPECT_EQ((*stock)->front()->at("available"), orders);
  executor.reset();
}

}  // namespace
}  // namespace ow::engine
