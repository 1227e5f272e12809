// One batch of the committer while it is being built: the changes for the key-value store, the values the
// cache will have, and what the queues in memory must hear once all of it is durable. Commit lane only.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/cache.h"
#include "engine/commit_state.h"
#include "engine/stored.h"
#include "platform/clock.h"
#include "platform/event_rules.h"
#include "platform/key_value.h"

namespace ow::engine {

/// A durable change of a queue, in the order of the log.
struct QueueEffect {
  enum class Kind : std::uint8_t {
    sent,       // can be received
    gone,       // consumed, moved or dropped
    delayed,    // waits in the due range
    undelayed,  // left the due range
  };
  Kind kind = Kind::sent;
  QueueNumber queue = 0;
  MessagePtr message;  // sent
  Sequence sequence = 0;
  base::Instant sent_at;  // gone: when it was sent; delayed and undelayed: the same for a retry, else 0
};

/// One entry more or less in the due range.
struct DueChange {
  base::Instant due;
  int change = 0;
};

class Batch {
 public:
  struct Ports {
    platform::KeyValue& key_value;
    Cache& cache;
    CommitState& state;
    const platform::Clock& clock;
    platform::EventRules& rules;
  };

  explicit Batch(Ports ports)
      : ports_(ports),
        now_(ports.clock.now()),
        reserved_before_(ports.state.reserved),
        due_mark_before_(ports.state.due_mark) {}
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  base::Instant now() const { return now_; }
  const CommitState& state() const { return ports_.state; }
  platform::EventRules& rules() const { return ports_.rules; }
  const platform::KeyValue& key_value() const { return ports_.key_value; }

  /// What is known of the keys, in order: from the cache, the misses in one read of the store. Pinned until
  /// the batch ends. Error internal on damage.
  base::Result<std::vector<Cache::Entry*>> resolve(std::vector<std::string> keys);
  base::Result<Cache::Entry*> resolve(std::string key);

  Sequence take_sequence();
  QueueNumber take_queue_number() { return ports_.state.next_queue++; }

  void put_record(Cache::Entry& entry, platform::Record record, platform::Version version);
  void erase_record(Cache::Entry& entry);
  void put_counter(Cache::Entry& entry, platform::Counter counter);

  /// Whether a message of this key can still be consumed.
  static bool alive(const Cache::Entry& entry);
  /// Sends under a new sequence; the id is new.
  void send(QueueNumber queue, Message message);
  /// Writes a living message again with new receive counts; its place stays.
  void rewrite(Cache::Entry& entry, const Message& message);
  void consume(Cache::Entry& entry, QueueNumber queue, Sequence sequence, base::Instant sent_at);
  void consume_delayed(Cache::Entry& entry, QueueNumber queue, Sequence sequence, base::Instant due,
                       base::Instant retried);
  /// Puts a message into the due range; it is sent when due.
  void delay(QueueNumber queue, Message message, base::Instant due);
  /// Keeps the id from being sent twice while it is queued. False: it is queued.
  bool claim_id(QueueNumber queue, std::string_view id);
  void free_id(QueueNumber queue, std::string_view id);

  /// A timer's entry holds its due time; see layout.h.
  void put_timer(Cache::Entry& entry, const std::string& name, const StoredTimer& timer);
  void erase_timer(Cache::Entry& entry, const std::string& name);

  /// Nothing alive is due before it (but for what this batch itself scheduled).
  void raise_due_mark(base::Instant mark);
  void erase_due(std::string key, base::Instant due);

  /// For keys that have no rule of their own.
  void put(std::string key, std::string value);
  void erase(std::string key);
  static void remember(Cache::Entry& entry, Cached value) { Cache::write(entry, std::move(value)); }
  void effect(QueueEffect effect) { effects_.push_back(std::move(effect)); }
  /// Runs on the commit lane once the batch is durable.
  void when_durable(std::function<void(CommitState&)> action) { actions_.push_back(std::move(action)); }

  const std::vector<platform::Change>& changes() const { return changes_; }
  /// No more changes: orders them by key, the last of each key only.
  void seal();
  std::size_t bytes() const { return bytes_; }
  std::uint64_t cache_misses() const { return cache_misses_; }
  /// The earliest instant at which something of this batch is due.
  const std::optional<base::Instant>& soonest_due() const { return soonest_due_; }
  const std::vector<DueChange>& due_changes() const { return due_changes_; }

  /// The batch is durable: publishes, and gives what the queues must hear.
  std::vector<QueueEffect> publish();
  /// The batch was not appended: as if it had never been.
  void discard();

 private:
  base::Result<Cached> read(std::string_view key, const std::optional<std::string>& value) const;
  base::Result<Cached> read_head(std::string_view key, std::string_view first) const;
  base::Result<Cached> scan_head(std::string_view key) const;
  void update_indexes(const platform::Record* before, const platform::Record* after);
  bool forget_due(const Cache::Entry& entry, const std::string& name);
  void will_be_due(base::Instant due);

  Ports ports_;
  const base::Instant now_;
  const Sequence reserved_before_;
  const base::Instant due_mark_before_;
  std::vector<Cache::Entry*> pinned_;
  std::vector<platform::Change> changes_;
  std::vector<QueueEffect> effects_;
  std::vector<std::function<void(CommitState&)>> actions_;
  std::vector<std::pair<QueueNumber, std::string>> claimed_;
  std::vector<std::pair<QueueNumber, std::string>> freed_;
  std::optional<base::Instant> soonest_due_;
  std::vector<DueChange> due_changes_;
  std::size_t bytes_ = 0;
  std::uint64_t cache_misses_ = 0;
};

}  // namespace ow::engine
