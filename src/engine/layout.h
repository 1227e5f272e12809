// The keys of the embedded engine. The first byte names the kind; texts in keys end with a zero byte (no key
// part may contain one), numbers are big-endian. Any thread.
//
// | key                                               | value                                  | written by |
// |---------------------------------------------------|----------------------------------------|---|
// | 0 "format"                                        | format number, epoch                   | open |
// | 0 "sequence"                                      | every number below this may be in use  | one commit in 65,536 |
// | 0 "kept"                                          | events below this number are gone      | pruning |
// | 0 "restores"                                      | numbers that a restore undid           | restore |
// | r partition 0 sort 0                              | record, with its version and indexes   | put |
// | i index 0 ipartition 0 isort 0 partition 0 sort 0 | when the record expires                | put, when it changed |
// | c partition 0 sort 0                              | the counter's fields                   | move |
// | l sequence(8)                                     | all events of one commit, with payload | commit with events |
// | s subject 0 first number(4)                       | sequence, how many events              | same, once a subject |
// | m queue(2) group 0 sequence(8)                    | message                                | send; ack erases |
// | n queue(2) message id 0                           | when the mark expires                  | send in a commit without a condition |
// | t name 0                                          | due, message                           | schedule; firing or cancelling erases |
// | d due(8) 't' name 0                               | nothing                                | with t |
// | d due(8) 'm' queue(2) sequence(8)                 | message not yet due, with its group    | delayed send, delayed release (fair) |
// | q name 0                                          | number, kind, limits, paused           | declare, pause |
// | x queue(2) slot(4)                                | received messages and receive counts   | once a receive, unsynced, overwritten |
//
// One counter, the sequence, numbers commits (version of what they put, place in the log) and messages (order
// in a group). Numbers are never used twice, also after an erase and after a crash.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "platform/commit.h"
#include "platform/key_value.h"

namespace ow::engine {

using Sequence = std::uint64_t;
/// Place of a queue in the `q` records; short, so that messages have short keys.
using QueueNumber = std::uint16_t;

namespace layout {

inline constexpr std::uint64_t kFormat = 1;

inline constexpr char kMeta = '\0';
inline constexpr char kRecord = 'r';
inline constexpr char kIndex = 'i';
inline constexpr char kCounter = 'c';
inline constexpr char kLog = 'l';
inline constexpr char kSubject = 's';
inline constexpr char kMessage = 'm';
inline constexpr char kSentId = 'n';
inline constexpr char kTimer = 't';
inline constexpr char kDue = 'd';
inline constexpr char kQueue = 'q';
inline constexpr char kReceived = 'x';

std::string format_key();
std::string sequence_key();
std::string restores_key();
std::string kept_key();
std::string record_key(const platform::Key& key);
std::string index_prefix(std::string_view index, std::string_view partition);
std::string index_key(const platform::IndexEntry& entry, const platform::Key& record);
std::string counter_key(const platform::Key& key);
std::string log_key(Sequence sequence);
std::string subject_prefix(std::string_view subject);
std::string subject_key(std::string_view subject, std::uint64_t first_number);
std::string queue_prefix(QueueNumber queue);
std::string group_prefix(QueueNumber queue, std::string_view group);
std::string message_key(QueueNumber queue, std::string_view group, Sequence sequence);
std::string sent_id_key(QueueNumber queue, std::string_view id);
std::string timer_key(std::string_view name);
/// Everything due before `due` sorts before this.
std::string due_key(base::Instant due);
std::string due_timer_key(base::Instant due, std::string_view name);
std::string due_message_key(base::Instant due, QueueNumber queue, Sequence sequence);
std::string queue_key(std::string_view name);
std::string received_prefix(QueueNumber queue);
std::string received_key(QueueNumber queue, std::uint32_t slot);

/// The parts of keys that scans must read back.
struct MessageKeyParts {
  std::string_view group;
  Sequence sequence = 0;
};
MessageKeyParts message_key_parts(std::string_view key);

struct DueKeyParts {
  base::Instant due;
  bool timer = false;
  std::string_view name;  // timer
  QueueNumber queue = 0;  // message
  Sequence sequence = 0;  // message
};
DueKeyParts due_key_parts(std::string_view key);

Sequence log_key_sequence(std::string_view key);

/// Number of the first event that a subject key stands for.
std::uint64_t subject_key_number(std::string_view key);

/// The smallest key behind every key that starts with `prefix`; empty when there is none.
std::string behind(std::string prefix);
platform::KeyRange starting_with(std::string prefix);

}  // namespace layout
}  // namespace ow::engine
