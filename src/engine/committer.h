// The one writer. Works gather in a queue (loop thread); a step on the commit lane takes what gathered,
// checks each in order against the state including those before it, and appends one batch; the next step
// syncs it, publishes and wakes all waiters with one post. No timer forms batches: while steps run, new works
// gather. Shared ownership, because jobs on the lane and posts may outlive the engine's owner in a crash.
//
//   loop:   submit() ----------------.                          deliver(): effects, views, waiters
//   lane:        gather(): check, append   finish(): sync, publish, post --^
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "engine/batch.h"
#include "engine/durable_view.h"
#include "platform/executor.h"
#include "platform/store.h"
#include "platform/telemetry.h"

namespace ow::engine {

/// The engine's own change, run inside a batch. An error fails this work alone; it must then have written
/// nothing.
using BatchJob = std::function<base::Result<void>(Batch& batch)>;

/// What the loop hears of a published batch, before its waiters wake.
struct Published {
  std::uint64_t epoch = 0;
  std::vector<QueueEffect> effects;
  std::optional<base::Instant> soonest_due;
  std::vector<DueChange> due_changes;
};

class Committer : public std::enable_shared_from_this<Committer> {
 public:
  struct Ports {
    platform::KeyValue& key_value;
    platform::Executor& executor;
    const platform::Clock& clock;
    platform::EventRules& rules;
    platform::Telemetry& telemetry;
  };
  using OnPublished = std::function<void(const Published&)>;
  using FailStop = std::function<void(const base::Error&)>;

  Committer(Ports ports, std::size_t cache_bytes, CommitState state, FailStop fail_stop);

  /// What the committer writes and readers read; see there for threads.
  Cache& cache() { return cache_; }
  DurableViews& views() { return views_; }

  /// Must be set before the first work; loop thread.
  void on_published(OnPublished on_published) { on_published_ = std::move(on_published); }

  /// Loop thread, as Store::commit().
  base::Task<base::Result<platform::CommitOutcome>> commit(platform::Commit commit);
  /// `durable`: answers after the sync; else after the append, and a batch of such jobs alone is not synced.
  base::Task<base::Result<void>> run(BatchJob job, bool durable = true);

  /// Refuses new works and waits for those under way. Loop thread.
  base::Task<void> close();
  /// The engine goes away: posts that are still under way wake nobody. Loop thread.
  void detach() { detached_ = true; }

 private:
  struct Work {
    platform::Commit commit;
    BatchJob job;  // set: instead of the commit
    bool durable = true;
    base::Result<platform::CommitOutcome> result{platform::CommitOutcome{}};
    base::Completion<bool> done;
  };
  using Works = std::vector<std::shared_ptr<Work>>;
  struct Delivery;

  base::Task<base::Result<platform::CommitOutcome>> await(std::shared_ptr<Work> work);
  std::optional<base::Error> submit(const std::shared_ptr<Work>& work);

  void gather();
  void finish();
  Works take_works();
  void build(const Works& works);
  base::Result<void> build_commits(const Works& works);
  base::Result<platform::LogPosition> append(const Works& works);
  base::Result<platform::LogPosition> append_removals(const Works& works, base::Error full);
  base::Result<void> sync(platform::LogPosition position);
  void publish();
  void die(const base::Error& cause);
  void post(std::shared_ptr<Delivery> delivery);
  void deliver(Delivery& delivery);
  void next();

  struct Metrics {
    explicit Metrics(platform::Telemetry& telemetry);
    platform::CounterMetric& commits;
    platform::CounterMetric& keys;
    platform::CounterMetric& bytes;
    platform::CounterMetric& cache_misses;
    platform::HistogramMetric& batch_size;
    platform::HistogramMetric& sync_seconds;
  };

  Ports ports_;
  Cache cache_;
  DurableViews views_;
  FailStop fail_stop_;
  Metrics metrics_;
  OnPublished on_published_;

  // Commit lane.
  CommitState state_;
  std::unique_ptr<Batch> batch_;
  Works under_way_;
  platform::LogPosition position_ = 0;
  bool must_sync_ = false;
  std::uint64_t epoch_ = 0;

  // Loop and commit lane.
  std::mutex mutex_;
  Works waiting_;
  bool running_ = false;
  std::optional<base::Error> dead_;

  // Loop.
  bool closed_ = false;
  bool detached_ = false;
  std::size_t unanswered_ = 0;
  std::vector<std::shared_ptr<base::Completion<bool>>> closers_;
};

}  // namespace ow::engine
