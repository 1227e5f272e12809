// See layout.h.
#include "engine/layout.h"

#include <initializer_list>

#include "engine/bytes.h"

namespace ow::engine::layout {
namespace {

constexpr int kSequenceBytes = 8;
constexpr int kDueBytes = 8;
constexpr int kNumberBytes = 4;
constexpr int kQueueBytes = 2;
constexpr int kSlotBytes = 4;

std::string key_of(char kind, std::initializer_list<std::string_view> texts, std::size_t spare = 0) {
  std::size_t size = 1 + spare;
  for (const auto text : texts) size += text.size() + 1;
  std::string key;
  key.reserve(size);
  key += kind;
  for (const auto text : texts) {
    key += text;
    key += '\0';
  }
  return key;
}

std::string key_of(char kind, QueueNumber queue, std::size_t spare) {
  std::string key;
  key.reserve(1 + kQueueBytes + spare);
  key += kind;
  put_ordered(key, queue, kQueueBytes);
  return key;
}

// Sorts by sign first: an instant before 1970 is due at once, not after everything else.
std::uint64_t ordered_due(base::Instant due) { return due.us < 0 ? 0 : static_cast<std::uint64_t>(due.us); }

}  // namespace

std::string format_key() { return key_of(kMeta, {"format"}); }
std::string sequence_key() { return key_of(kMeta, {"sequence"}); }
std::string kept_key() { return key_of(kMeta, {"kept"}); }
std::string restores_key() { return key_of(kMeta, {"restores"}); }

std::string record_key(const platform::Key& key) { return key_of(kRecord, {key.partition, key.sort}); }

std::string index_prefix(std::string_view index, std::string_view partition) {
  return key_of(kIndex, {index, partition});
}

std::string index_key(const platform::IndexEntry& entry, const platform::Key& record) {
  return key_of(kIndex, {entry.index, entry.partition, entry.sort, record.partition, record.sort});
}

std::string counter_key(const platform::Key& key) { return key_of(kCounter, {key.partition, key.sort}); }

std::string log_key(Sequence sequence) {
  std::string key(1, kLog);
  put_ordered(key, sequence, kSequenceBytes);
  return key;
}

Sequence log_key_sequence(std::string_view key) { return ByteReader(key.substr(1)).ordered(kSequenceBytes); }

std::string subject_prefix(std::string_view subject) { return key_of(kSubject, {subject}, kNumberBytes); }

std::string subject_key(std::string_view subject, std::uint64_t first_number) {
  std::string key = subject_prefix(subject);
  put_ordered(key, first_number, kNumberBytes);
  return key;
}

std::uint64_t subject_key_number(std::string_view key) {
  return ByteReader(key.substr(key.size() - kNumberBytes)).ordered(kNumberBytes);
}

std::string queue_prefix(QueueNumber queue) { return key_of(kMessage, queue, 0); }

std::string group_prefix(QueueNumber queue, std::string_view group) {
  std::string key = key_of(kMessage, queue, group.size() + 1 + kSequenceBytes);
  key += group;
  key += '\0';
  return key;
}

std::string message_key(QueueNumber queue, std::string_view group, Sequence sequence) {
  std::string key = group_prefix(queue, group);
  put_ordered(key, sequence, kSequenceBytes);
  return key;
}

MessageKeyParts message_key_parts(std::string_view key) {
  ByteReader reader(key);
  reader.take(1 + kQueueBytes);
  const auto group = reader.until_zero();
  return {group, reader.ordered(kSequenceBytes)};
}

std::string sent_id_key(QueueNumber queue, std::string_view id) {
  std::string key = key_of(kSentId, queue, id.size() + 1);
  key += id;
  key += '\0';
  return key;
}

std::string timer_key(std::string_view name) { return key_of(kTimer, {name}); }

std::string due_key(base::Instant due) {
  std::string key(1, kDue);
  put_ordered(key, ordered_due(due), kDueBytes);
  return key;
}

std::string due_timer_key(base::Instant due, std::string_view name) {
  std::string key = due_key(due);
  key += 't';
  key += name;
  key += '\0';
  return key;
}

std::string due_message_key(base::Instant due, QueueNumber queue, Sequence sequence) {
  std::string key = due_key(due);
  key += 'm';
  put_ordered(key, queue, kQueueBytes);
  put_ordered(key, sequence, kSequenceBytes);
  return key;
}

DueKeyParts due_key_parts(std::string_view key) {
  ByteReader reader(key);
  reader.take(1);
  DueKeyParts parts;
  parts.due.us = static_cast<std::int64_t>(reader.ordered(kDueBytes));
  parts.timer = reader.take(1) == "t";
  if (parts.timer) {
    parts.name = reader.until_zero();
  } else {
    parts.queue = static_cast<QueueNumber>(reader.ordered(kQueueBytes));
    parts.sequence = reader.ordered(kSequenceBytes);
  }
  return parts;
}

std::string queue_key(std::string_view name) { return key_of(kQueue, {name}); }

std::string received_prefix(QueueNumber queue) { return key_of(kReceived, queue, kSlotBytes); }

std::string received_key(QueueNumber queue, std::uint32_t slot) {
  std::string key = received_prefix(queue);
  put_ordered(key, slot, kSlotBytes);
  return key;
}

std::string behind(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xFF) prefix.pop_back();
  if (!prefix.empty()) ++prefix.back();
  return prefix;
}

platform::KeyRange starting_with(std::string prefix) {
  std::string end = behind(prefix);
  return {std::move(prefix), std::move(end)};
}

}  // namespace ow::engine::layout
