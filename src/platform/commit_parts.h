// The parts of a Commit: keys, records and what must hold for them, counter moves, events, messages, timers
// and acks. Plain values: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
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
/// or was consumed in the last 14 days changes nothing. (Embedded: commits with a condition of their own rely
/// on it, see docs/decisions/0007.)
struct OutMessage {
  std::string queue;
  base::MessageId id;
  std::string group;          // ordered queue: message group; fair queue: owner
  std::string body;           // JSON text
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

}  // namespace ow::platform
