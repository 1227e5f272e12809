// The embedded engine: Store, Queues, QueueAdmin and EventLog over one KeyValue. One committer, a step
// function on the commit lane, owns all writes: it takes what gathered while the last sync ran, checks each
// commit against the state including those before it in the batch, appends one batch, syncs once and wakes
// the waiters with one post. The four ports are used on the loop thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "platform/clock.h"
#include "platform/event_log.h"
#include "platform/event_rules.h"
#include "platform/executor.h"
#include "platform/key_value.h"
#include "platform/queue_admin.h"
#include "platform/queues.h"
#include "platform/random.h"
#include "platform/retention.h"
#include "platform/store.h"
#include "platform/telemetry.h"

namespace ow::engine {

struct EnginePorts {
  platform::KeyValue& key_value;
  platform::Executor& executor;
  const platform::Clock& clock;
  platform::Random& random;
  platform::EventRules& rules;
  platform::Telemetry& telemetry;
};

struct EngineOptions {
  /// Bytes of the write-through cache of records, counters, heads and live messages.
  std::size_t cache_bytes = 32 << 20;
  /// Called once on the commit lane when a sync failed: nothing is acknowledged after it. Production exits
  /// non-zero with the message; the simulator crashes the process.
  std::function<void(const base::Error& cause)> fail_stop = {};
  /// How long a message stays in a dead-letter queue; for those that die from now on.
  base::Duration dead_letters_kept = base::bounds::kDeadLetterKept;
};

class EmbeddedEngine {
 public:
  /// Recovers the state (blocking; before the loop runs or on it). Errors: unsupported (newer format, naming
  /// both numbers), internal (damage).
  static base::Result<std::unique_ptr<EmbeddedEngine>> open(EnginePorts ports, EngineOptions options = {});
  ~EmbeddedEngine();

  platform::Store& store();
  platform::Queues& queues();
  platform::QueueAdmin& queue_admin();
  platform::EventLog& event_log();
  platform::Retention& retention();

  /// Fires due timers and time-outs until the executor stops. Spawn it.
  base::Task<void> run_timers();

  /// A complete copy of everything at one instant between two commits, in a new directory. Commits wait while
  /// it is made.
  base::Task<base::Result<void>> checkpoint(std::string directory);

  /// Refuses new commits and waits for those under way. Call before destruction in production.
  base::Task<void> close();

 private:
  struct Impl;
  explicit EmbeddedEngine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// For key-value stores that drop pairs at compaction: true when the pair is invisible at `now`, to every read
/// and every condition. Cheap; any thread.
bool expired(std::string_view key, std::string_view value, base::Instant now);
/// What a pair that expired() was: a record's kind, "message"; empty for what only repeats another pair.
std::string expired_kind(std::string_view key, std::string_view value);

}  // namespace ow::engine
