// See stored.h.
#include "engine/stored.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "engine/bytes.h"

namespace ow::engine {
namespace {

constexpr std::uint64_t kSchema = 1;
/// Messages keep their history since 2, receives their time.
constexpr std::uint64_t kMessageSchema = 2;
constexpr std::uint64_t kReceivedSchema = 2;

void put_expiry(std::string& out, const std::optional<base::Instant>& expires) {
  put_number(out, expires ? static_cast<std::uint64_t>(std::max<std::int64_t>(expires->us, 1)) : 0);
}

std::optional<base::Instant> read_expiry(ByteReader& in) {
  const std::uint64_t us = in.number();
  if (us == 0) return std::nullopt;
  return base::Instant{static_cast<std::int64_t>(us)};
}

void put_instant(std::string& out, base::Instant at) { put_signed(out, at.us); }
base::Instant read_instant(ByteReader& in) { return {in.signed_number()}; }
std::string read_string(ByteReader& in) { return std::string(in.text()); }

std::string begin_value(std::size_t reserve = 0, std::uint64_t schema = kSchema) {
  std::string out;
  out.reserve(reserve);
  put_number(out, schema);
  return out;
}

bool begins_as_known(ByteReader& in) { return in.number() == kSchema && in.ok(); }

/// The schema, when it is one of 1 to `newest`.
std::optional<std::uint64_t> known_schema(ByteReader& in, std::uint64_t newest) {
  const std::uint64_t schema = in.number();
  if (!in.ok() || schema == 0 || schema > newest) return std::nullopt;
  return schema;
}

/// Gives `value` only when every read of it was inside the bytes and none are left over.
template <typename T>
std::optional<T> whole(const ByteReader& in, T value) {
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return value;
}

/// One byte for a message that was never received.
void put_history(std::string& out, const Message& message) {
  const bool any = message.last_received.us != 0 || message.died.us != 0;
  put_number(out, any ? 1 : 0);
  if (!any) return;
  put_instant(out, message.first_received);
  put_instant(out, message.last_received);
  put_number(out, message.crashes);
  put_instant(out, message.died);
  put_number(out, message.died_received);
}

void read_history(ByteReader& in, Message& message) {
  if (in.number() == 0) return;
  message.first_received = read_instant(in);
  message.last_received = read_instant(in);
  message.crashes = static_cast<std::uint32_t>(in.number());
  message.died = read_instant(in);
  message.died_received = static_cast<std::uint32_t>(in.number());
}

void put_message(std::string& out, const Message& message) {
  put_expiry(out, message.expires);
  put_instant(out, message.sent);
  put_number(out, message.received);
  put_instant(out, message.not_before);
  put_text(out, message.id.text);
  put_text(out, message.traceparent);
  put_text(out, message.failure);
  put_history(out, message);
  put_number(out, message.event_sequence);
  if (message.event_sequence != 0) {
    put_number(out, message.event_index);
  } else {
    out += message.body;
  }
}

Message read_message(ByteReader& in, std::uint64_t schema) {
  Message message;
  message.expires = read_expiry(in);
  message.sent = read_instant(in);
  message.received = static_cast<std::uint32_t>(in.number());
  message.not_before = read_instant(in);
  message.id = base::MessageId(read_string(in));
  message.traceparent = read_string(in);
  message.failure = read_string(in);
  if (schema >= 2) read_history(in, message);
  message.event_sequence = in.number();
  if (message.event_sequence != 0) {
    message.event_index = static_cast<std::uint32_t>(in.number());
  } else {
    message.body = in.rest();
  }
  return message;
}

}  // namespace

std::string encode(const platform::Record& record, platform::Version version) {
  std::string out = begin_value(64 + record.value.size());
  put_expiry(out, record.expires);
  put_number(out, version);
  put_text(out, record.kind);
  put_number(out, record.schema);
  put_number(out, record.indexes.size());
  for (const auto& entry : record.indexes) {
    put_text(out, entry.index);
    put_text(out, entry.partition);
    put_text(out, entry.sort);
  }
  out += record.value;
  return out;
}

std::optional<platform::Record> decode_record(std::string_view key, std::string_view value) {
  ByteReader in(value);
  if (!begins_as_known(in)) return std::nullopt;
  platform::Record record;
  ByteReader name(key.substr(1));
  record.key.partition = name.until_zero();
  record.key.sort = name.until_zero();
  record.expires = read_expiry(in);
  record.version = in.number();
  record.kind = read_string(in);
  record.schema = static_cast<std::uint16_t>(in.number());
  for (std::uint64_t left = in.number(); left != 0 && in.ok(); --left) {
    auto index = read_string(in);
    auto partition = read_string(in);
    record.indexes.push_back({std::move(index), std::move(partition), read_string(in)});
  }
  record.value = in.rest();
  return whole(in, std::move(record));
}

std::string encode_index(const std::optional<base::Instant>& expires) {
  if (!expires) return {};
  return encode_expiry(*expires);
}

std::string encode_expiry(base::Instant expires) {
  std::string out = begin_value();
  put_expiry(out, expires);
  return out;
}

std::string encode(const platform::Counter& counter) {
  std::string out = begin_value();
  for (const auto& [field, units] : counter) {
    put_text(out, field);
    put_signed(out, units);
  }
  return out;
}

std::optional<platform::Counter> decode_counter(std::string_view value) {
  ByteReader in(value);
  if (!begins_as_known(in)) return std::nullopt;
  platform::Counter counter;
  while (!in.at_end() && in.ok()) {
    auto field = read_string(in);
    counter[std::move(field)] = in.signed_number();
  }
  return whole(in, std::move(counter));
}

namespace {

// Events of one commit mostly share subject, source and trace: what equals the event before is left out.
constexpr unsigned kSameSubject = 1;
constexpr unsigned kSameSource = 2;
constexpr unsigned kSameTrace = 4;

void put_event(std::string& out, const platform::Event& event, const platform::Event& before, base::Instant committed) {
  const unsigned same = (event.subject == before.subject ? kSameSubject : 0) |
                        (event.source == before.source ? kSameSource : 0) |
                        (event.traceparent == before.traceparent ? kSameTrace : 0);
  put_number(out, same);
  if ((same & kSameSubject) == 0) put_text(out, event.subject);
  put_number(out, event.number);
  put_text(out, event.type);
  if ((same & kSameSource) == 0) put_text(out, event.source);
  if ((same & kSameTrace) == 0) put_text(out, event.traceparent);
  put_signed(out, event.time.us - committed.us);
  put_text(out, event.data);
}

platform::Event read_event(ByteReader& in, const platform::Event& before, base::Instant committed) {
  platform::Event event;
  const auto same = in.number();
  event.subject = (same & kSameSubject) != 0 ? before.subject : read_string(in);
  event.number = in.number();
  event.type = read_string(in);
  event.source = (same & kSameSource) != 0 ? before.source : read_string(in);
  event.traceparent = (same & kSameTrace) != 0 ? before.traceparent : read_string(in);
  event.time.us = committed.us + in.signed_number();
  event.data = read_string(in);
  return event;
}

}  // namespace

std::string encode(const LogEntry& entry) {
  std::size_t size = 32;
  for (const auto& event : entry.events) size += 128 + event.data.size();
  std::string out = begin_value(size);
  put_instant(out, entry.committed);
  platform::Event none;
  const platform::Event* before = &none;
  for (const auto& event : entry.events) {
    put_event(out, event, *before, entry.committed);
    before = &event;
  }
  return out;
}

std::optional<LogEntry> decode_log(std::string_view value) {
  ByteReader in(value);
  if (!begins_as_known(in)) return std::nullopt;
  LogEntry entry;
  entry.committed = read_instant(in);
  const platform::Event none;
  while (!in.at_end() && in.ok()) {
    auto event = read_event(in, entry.events.empty() ? none : entry.events.back(), entry.committed);
    entry.events.push_back(std::move(event));
  }
  return whole(in, std::move(entry));
}

std::string encode(const SubjectEntry& entry) {
  std::string out = begin_value();
  put_number(out, entry.sequence);
  put_number(out, entry.count);
  return out;
}

std::optional<SubjectEntry> decode_subject(std::string_view value) {
  ByteReader in(value);
  if (!begins_as_known(in)) return std::nullopt;
  SubjectEntry entry;
  entry.sequence = in.number();
  entry.count = in.number();
  return whole(in, entry);
}

std::string encode(const Message& message) {
  std::string out =
      begin_value(96 + message.id.text.size() + message.traceparent.size() + message.body.size(), kMessageSchema);
  put_message(out, message);
  return out;
}

std::optional<Message> decode_message(Sequence sequence, std::string_view group, std::string_view value) {
  ByteReader in(value);
  const auto schema = known_schema(in, kMessageSchema);
  if (!schema) return std::nullopt;
  Message message = read_message(in, *schema);
  message.sequence = sequence;
  message.group = group;
  return whole(in, std::move(message));
}

std::string encode(const StoredTimer& timer) {
  std::string out = begin_value(128 + timer.message.body.size(), kMessageSchema);
  put_instant(out, timer.due);
  put_text(out, timer.queue);
  put_text(out, timer.message.group);
  put_message(out, timer.message);
  return out;
}

std::optional<StoredTimer> decode_timer(std::string_view value) {
  ByteReader in(value);
  const auto schema = known_schema(in, kMessageSchema);
  if (!schema) return std::nullopt;
  StoredTimer timer;
  timer.due = read_instant(in);
  timer.queue = read_string(in);
  auto group = read_string(in);
  timer.message = read_message(in, *schema);
  timer.message.group = std::move(group);
  return whole(in, std::move(timer));
}

std::optional<base::Instant> decode_timer_due(std::string_view value) {
  ByteReader in(value);
  if (!known_schema(in, kMessageSchema)) return std::nullopt;
  const base::Instant due = read_instant(in);
  if (!in.ok()) return std::nullopt;
  return due;
}

std::string encode(const StoredQueue& queue) {
  std::string out = begin_value();
  put_number(out, queue.number);
  put_number(out, static_cast<std::uint64_t>(queue.spec.kind));
  put_number(out, static_cast<std::uint64_t>(queue.spec.visibility.count()));
  put_number(out, static_cast<std::uint64_t>(queue.spec.receive_limit));
  put_number(out, queue.paused ? 1 : 0);
  return out;
}

std::optional<StoredQueue> decode_queue(std::string_view key, std::string_view value) {
  ByteReader in(value);
  if (!begins_as_known(in)) return std::nullopt;
  StoredQueue queue;
  queue.spec.name = ByteReader(key.substr(1)).until_zero();
  queue.number = static_cast<QueueNumber>(in.number());
  const auto kind = in.number();
  if (kind > static_cast<std::uint64_t>(platform::QueueKind::fair)) return std::nullopt;
  queue.spec.kind = static_cast<platform::QueueKind>(kind);
  queue.spec.visibility = base::Duration(static_cast<std::int64_t>(in.number()));
  queue.spec.receive_limit = static_cast<int>(in.number());
  queue.paused = in.number() != 0;
  return whole(in, std::move(queue));
}

std::string encode(const std::vector<ReceivedMessage>& received) {
  std::string out = begin_value(0, kReceivedSchema);
  put_instant(out, received.empty() ? base::Instant{} : received.front().at);
  for (const auto& one : received) {
    put_text(out, one.group);
    put_number(out, one.sequence);
    put_number(out, one.received);
  }
  return out;
}

std::optional<std::vector<ReceivedMessage>> decode_received(std::string_view value) {
  ByteReader in(value);
  const auto schema = known_schema(in, kReceivedSchema);
  if (!schema) return std::nullopt;
  const base::Instant at = *schema >= 2 ? read_instant(in) : base::Instant{};
  std::vector<ReceivedMessage> received;
  while (!in.at_end() && in.ok()) {
    auto group = read_string(in);
    const auto sequence = in.number();
    received.push_back({std::move(group), sequence, static_cast<std::uint32_t>(in.number()), at});
  }
  return whole(in, std::move(received));
}

std::string encode(const Format& format) {
  std::string out;
  put_number(out, format.number);  // first in every format there will be, so that older binaries can refuse
  put_number(out, format.epoch);
  return out;
}

std::optional<Format> decode_format(std::string_view value) {
  ByteReader in(value);
  Format format;
  format.number = in.number();
  format.epoch = in.number();
  if (!in.ok()) return std::nullopt;
  return format;
}

std::string encode_sequence(Sequence sequence) {
  std::string out = begin_value();
  put_number(out, sequence);
  return out;
}

std::optional<Sequence> decode_sequence(std::string_view value) {
  ByteReader in(value);
  if (!begins_as_known(in)) return std::nullopt;
  return whole(in, in.number());
}

std::optional<base::Instant> expiry_of(std::string_view key, std::string_view value) {
  constexpr std::string_view kMayExpire{"rimn"};

  if (key.empty() || value.empty() || kMayExpire.find(key.front()) == std::string_view::npos) return std::nullopt;
  ByteReader in(value);
  const bool message = key.front() == layout::kMessage;
  if (!known_schema(in, message ? kMessageSchema : kSchema)) return std::nullopt;
  return read_expiry(in);
}

base::Error damaged(std::string_view key) {
  return {base::ErrorCode::internal, "storage_damaged",
          fmt::format("The stored value under key {} cannot be read.", base::to_hex(key.substr(0, 128)))};
}

}  // namespace ow::engine
