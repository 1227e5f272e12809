// Commit: the only way to change anything. A value that lists the parts of one atomic step in normal form:
// at most one part per key, within the bounds both engines share. Built by handlers on the loop thread,
// made durable by a Store. Building never fails; `problem()` says what a bound or a clash made invalid.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/instant.h"

namespace ow::platform {

/// (partition, sort) as in a single-table design. Neither part contains a zero byte.
struct Key {
  std::string partition;
  std::string sort;
  auto operator<=>(const Key&) const = default;
};

/// Assigned by the store, greater after each put of the key; 0 means absent.
using Version = std::uint64_t;

/// One entry of a secondary index; `sort` may repeat across records. Index queries may lag.
struct IndexEntry {
  std::string index;
  std::string partition;
  std::string sort;
  bool operator==(const IndexEntry&) const = default;
};

/// A stored value. `kind` and `schema` name its shape; a reader upcasts older schemas. `value` is JSON text.
struct Record {
  Key key;
  std::string kind;
  std::uint16_t schema = 1;
  std::string value;
  std::vector<IndexEntry> indexes = {};
  /// Invisible from this instant on, also to `absent`; deletion is only clean-up, never an effect.
  std::optional<base::Instant> expires = std::nullopt;
  /// Set by the store on reads; ignored on puts.
  Version version = 0;
};

/// What must hold for a key when the step is taken.
struct Expect {
  enum class Kind : std::uint8_t { anything, absent, exists, version };
  Kind kind = Kind::anything;
  Version version = 0;

  static Expect anything() { return {}; }
  static Expect absent() { return {Kind::absent, 0}; }
  static Expect exists() { return {Kind::exists, 0}; }
  /// `at(0)` means absent.
  static Expect at(Version version) { return version == 0 ? absent() : Expect{Kind::version, version}; }
  bool operator==(const Expect&) const = default;
};

/// Moves units of a capacity counter between its fields. A counter is an item without version whose fields
/// are integers >= 0; it exists from its first supply. An empty `from` supplies from outside, an empty `to`
/// removes. Conflict when `from` holds less than `units`, or when nothing was ever supplied.
struct CounterMove {
  std::string from;
  std::string to;
  std::int64_t units = 0;
};

/// A fact about one narrow subject. The store numbers it 1, 2, 3 … within the subject and gives it an id.
struct EventDraft {
  std::string subject;
  std::string type;    // CloudEvents `type`, e.g. "order.created"
  std::string source;  // CloudEvents `source`, e.g. "orderwright/orders"
  std::string data;    // JSON object text
  base::Instant time;
  std::string traceparent = {};  // CloudEvents distributed tracing extension; may be empty
};

/// A message to a queue. `id` makes it unique within the queue for ever: sending an id again that is queued
/// or was consumed in the last 14 days changes nothing.
struct OutMessage {
  std::string queue;
  base::MessageId id;
  std::string group;  // ordered queue: message group; fair queue: owner
  std::string body;   // JSON text
  base::Duration delay = {};  // at most bounds::kMessageDelayMax; ordered queues refuse any
  std::string traceparent = {};
};

/// A timer: at `due` its message is sent and the timer is gone. Never early; within 1 s on the embedded
/// engine. Putting a timer again under its name replaces it.
struct Timer {
  std::string name;
  base::Instant due;
  OutMessage message;
};

/// Consumption of a received message, by its receipt. Conflict when it is no longer in the queue.
struct Ack {
  std::string queue;
  base::MessageId id;
  std::string receipt;
};

class Commit {
 public:
  struct Write {
    Expect expect;
    std::optional<Record> record;  // nothing: erase, or a pure condition when `condition_only`
    bool condition_only = false;
  };

  Commit& require(Key key, Expect expect);
  Commit& put(Record record, Expect expect = Expect::anything());
  Commit& erase(Key key, Expect expect = Expect::anything());
  Commit& move(Key counter, std::string from, std::string to, std::int64_t units);
  Commit& event(EventDraft draft);
  Commit& send(OutMessage message);
  Commit& schedule(Timer timer);
  /// Removes a timer; no conflict when it already fired or never was.
  Commit& cancel_timer(std::string name);
  Commit& ack(Ack ack);

  /// Takes all parts of a later step into this one: a later put replaces an earlier one and keeps the
  /// earlier one's expectation; moves on one counter merge.
  Commit& merge(Commit later);

  bool empty() const;
  /// Records + counters + events + subject heads + messages + timers + acks, as TransactWriteItems counts.
  std::size_t key_count() const;
  std::size_t byte_count() const;
  /// A sentence when the commit breaks a bound or contradicts itself; nothing when it may be made durable.
  std::optional<std::string> problem() const;

  const std::map<Key, Write>& writes() const { return writes_; }
  const std::map<Key, std::vector<CounterMove>>& moves() const { return moves_; }
  const std::vector<EventDraft>& events() const { return events_; }
  const std::vector<OutMessage>& messages() const { return messages_; }
  /// By name; nothing cancels.
  const std::map<std::string, std::optional<Timer>>& timers() const { return timers_; }
  const std::vector<Ack>& acks() const { return acks_; }

 private:
  void clash(std::string what);
  void join(const Key& key, Write& write, const Expect& expect);
  void write(Key key, std::optional<Record> record, Expect expect);
  void merge_write(const Key& key, Write later);
  void append_move(const Key& counter, std::vector<CounterMove>& moves, CounterMove move);

  std::map<Key, Write> writes_;
  std::map<Key, std::vector<CounterMove>> moves_;
  std::vector<EventDraft> events_;
  std::vector<OutMessage> messages_;
  std::map<std::string, std::optional<Timer>> timers_;
  std::vector<Ack> acks_;
  std::string clash_;
};

}  // namespace ow::platform
