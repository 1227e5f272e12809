// The values of the embedded engine: what is stored and how it becomes bytes and back. Each begins with its
// schema number; what may expire continues with the expiry (see expired()). Plain data, any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/layout.h"
#include "platform/event_log.h"
#include "platform/queues.h"
#include "platform/store.h"

namespace ow::engine {

using platform::RecordPtr;
using CounterPtr = std::shared_ptr<const platform::Counter>;

/// A message in a queue. A message made by a rule stores the place of its event instead of a body.
struct Message {
  Sequence sequence = 0;
  base::MessageId id;
  std::string group;
  std::string body;
  std::string traceparent;
  base::Instant sent;
  /// Receives that were folded in: it has been handed out at least this often.
  std::uint32_t received = 0;
  /// Ordered queue: a delayed release blocks the group until then.
  base::Instant not_before = {};
  /// Dead-letter queue: gone from then on.
  std::optional<base::Instant> expires = std::nullopt;
  /// Why the last attempt failed.
  std::string failure = {};
  base::Instant first_received = {};
  base::Instant last_received = {};
  /// How often the process ended while it was in flight.
  std::uint32_t crashes = 0;
  /// Dead-letter queue: since when, and how often it had been received then.
  base::Instant died = {};
  std::uint32_t died_received = 0;
  /// Where the event is that `body` repeats; sequence 0: nowhere, the body is stored.
  Sequence event_sequence = 0;
  std::uint32_t event_index = 0;
};
using MessagePtr = std::shared_ptr<const Message>;

/// Events of one commit.
struct LogEntry {
  base::Instant committed;
  std::vector<platform::Event> events;  // ids and cursors empty: they follow from the place
};

/// Which events of a subject one log entry holds.
struct SubjectEntry {
  Sequence sequence = 0;
  std::uint64_t count = 0;
};

struct StoredTimer {
  base::Instant due;
  std::string queue;
  Message message;  // without sequence
};

struct StoredQueue {
  QueueNumber number = 0;
  platform::QueueSpec spec;
  bool paused = false;
};

/// One receive: how often each message has been handed out, this time included.
struct ReceivedMessage {
  std::string group;
  Sequence sequence = 0;
  std::uint32_t received = 0;
  base::Instant at = {};  // one for all messages of a receive
};

struct Format {
  std::uint64_t number = layout::kFormat;
  std::uint64_t epoch = 1;
};

std::string encode(const platform::Record& record, platform::Version version);
std::string encode_index(const std::optional<base::Instant>& expires);
std::string encode(const platform::Counter& counter);
std::string encode(const LogEntry& entry);
std::string encode(const SubjectEntry& entry);
std::string encode(const Message& message);
std::string encode(const StoredTimer& timer);
std::string encode(const StoredQueue& queue);
std::string encode(const std::vector<ReceivedMessage>& received);
std::string encode(const Format& format);
std::string encode_expiry(base::Instant expires);
std::string encode_sequence(Sequence sequence);

/// Each gives nothing when the bytes are not what encode() wrote: damage, or a newer schema.
std::optional<platform::Record> decode_record(std::string_view key, std::string_view value);
std::optional<platform::Counter> decode_counter(std::string_view value);
std::optional<LogEntry> decode_log(std::string_view value);
std::optional<SubjectEntry> decode_subject(std::string_view value);
std::optional<Message> decode_message(Sequence sequence, std::string_view group, std::string_view value);
std::optional<StoredTimer> decode_timer(std::string_view value);
std::optional<base::Instant> decode_timer_due(std::string_view value);
std::optional<StoredQueue> decode_queue(std::string_view key, std::string_view value);
std::optional<std::vector<ReceivedMessage>> decode_received(std::string_view value);
std::optional<Format> decode_format(std::string_view value);
std::optional<Sequence> decode_sequence(std::string_view value);

/// When the pair expires; nothing when never. Reads only the front of the value.
std::optional<base::Instant> expiry_of(std::string_view key, std::string_view value);

/// Error internal: the stored bytes under this key cannot be read.
base::Error damaged(std::string_view key);

}  // namespace ow::engine
