// See commit.h.
#include "platform/commit.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/bounds.h"

namespace ow::platform {
namespace {

namespace bounds = base::bounds;
using Problem = std::optional<std::string>;

std::string shown(const Key& key) { return fmt::format("({}, {})", key.partition, key.sort); }

/// What holds when both hold; nothing when they cannot.
std::optional<Expect> both(const Expect& left, const Expect& right) {
  using Kind = Expect::Kind;
  if (left == right || right.kind == Kind::anything) return left;
  if (left.kind == Kind::anything) return right;
  if (left.kind == Kind::exists && right.kind == Kind::version) return right;
  if (left.kind == Kind::version && right.kind == Kind::exists) return left;
  return std::nullopt;
}

/// Whether an expectation can hold after the write (a written version is not known before the commit).
bool may_follow(const Commit::Write& write, const Expect& expect) {
  if (expect.kind == Expect::Kind::anything) return true;
  return write.record.has_value() == (expect.kind != Expect::Kind::absent);
}

std::size_t bytes_of(const Key& key) { return key.partition.size() + key.sort.size(); }

std::size_t bytes_of(const Record& record) {
  std::size_t bytes = record.kind.size() + record.value.size();
  for (const auto& entry : record.indexes) bytes += entry.index.size() + entry.partition.size() + entry.sort.size();
  return bytes;
}

std::size_t bytes_of(const EventDraft& event) {
  return event.subject.size() + event.type.size() + event.source.size() + event.data.size() + event.traceparent.size();
}

std::size_t bytes_of(const OutMessage& message) {
  return message.queue.size() + message.id.text.size() + message.group.size() + message.body.size() +
         message.traceparent.size();
}

std::size_t distinct_subjects(const std::vector<EventDraft>& events) {
  std::vector<std::string_view> subjects;
  subjects.reserve(events.size());
  for (const auto& event : events) {
    if (std::find(subjects.begin(), subjects.end(), event.subject) == subjects.end()) {
      subjects.push_back(event.subject);
    }
  }
  return subjects.size();
}

bool has_zero(std::string_view text) { return text.find('\0') != std::string_view::npos; }

Problem problem_of(const Key& key) {
  if (key.partition.empty()) return "A key has an empty partition.";
  if (has_zero(key.partition) || has_zero(key.sort)) return "A key contains a zero byte.";
  return std::nullopt;
}

Problem problem_of(const Key& key, const Record& record) {
  if (record.indexes.size() > bounds::kRecordIndexesMax) {
    return fmt::format("The record {} has more than {} index entries.", shown(key), bounds::kRecordIndexesMax);
  }
  for (const auto& entry : record.indexes) {
    if (has_zero(entry.partition) || has_zero(entry.sort)) {
      return fmt::format("An index entry of the record {} contains a zero byte.", shown(key));
    }
  }
  if (bytes_of(key) + bytes_of(record) > bounds::kRecordBytesMax) {
    return fmt::format("The record {} is larger than {} bytes.", shown(key), bounds::kRecordBytesMax);
  }
  return std::nullopt;
}

Problem problem_of(const Key& key, const CounterMove& move) {
  if (move.units < 0) return fmt::format("A move on the counter {} is of {} units.", shown(key), move.units);
  if (move.from == move.to) {
    return fmt::format("A move on the counter {} leads from '{}' to itself.", shown(key), move.from);
  }
  return std::nullopt;
}

Problem problem_of(const EventDraft& event) {
  if (event.subject.empty() || event.type.empty()) return "An event has an empty subject or type.";
  if (has_zero(event.subject)) return "The subject of an event contains a zero byte.";
  if (bytes_of(event) > bounds::kRecordBytesMax) {
    return fmt::format("The event {} of {} is larger than {} bytes.", event.type, event.subject,
                       bounds::kRecordBytesMax);
  }
  return std::nullopt;
}

Problem problem_of(const OutMessage& message) {
  const auto& id = message.id.text;
  if (message.queue.empty() || id.empty()) return "A message has an empty queue or id.";
  if (has_zero(message.queue) || has_zero(id) || has_zero(message.group)) {
    return fmt::format("The queue, id or group of a message to {} contains a zero byte.", message.queue);
  }
  if (message.delay < base::Duration::zero() || message.delay > bounds::kMessageDelayMax) {
    return fmt::format("The message {} has a delay outside 0 to {} s.", id, bounds::kMessageDelayMax.count());
  }
  if (bytes_of(message) > bounds::kMessageBytesMax) {
    return fmt::format("The message {} is larger than {} bytes.", id, bounds::kMessageBytesMax);
  }
  return std::nullopt;
}

Problem problem_of(const std::string& name, const std::optional<Timer>& timer) {
  if (name.empty()) return "A timer has an empty name.";
  if (has_zero(name)) return "The name of a timer contains a zero byte.";
  return timer ? problem_of(timer->message) : std::nullopt;
}

template <typename Items>
Problem first_problem(const Items& items) {
  for (const auto& item : items) {
    if (auto found = problem_of(item)) return found;
  }
  return std::nullopt;
}

Problem problem_of(const std::map<Key, Commit::Write>& writes) {
  for (const auto& [key, write] : writes) {
    if (auto found = problem_of(key)) return found;
    if (!write.record) continue;
    if (auto found = problem_of(key, *write.record)) return found;
  }
  return std::nullopt;
}

Problem problem_of(const std::map<Key, std::vector<CounterMove>>& moves) {
  for (const auto& [key, list] : moves) {
    if (auto found = problem_of(key)) return found;
    for (const auto& move : list) {
      if (auto found = problem_of(key, move)) return found;
    }
  }
  return std::nullopt;
}

}  // namespace

void Commit::clash(std::string what) {
  if (clash_.empty()) clash_ = std::move(what);
}

void Commit::join(const Key& key, Write& write, const Expect& expect) {
  if (const auto joined = both(write.expect, expect)) {
    write.expect = *joined;
  } else {
    clash(fmt::format("The record {} is expected to be in two states at once.", shown(key)));
  }
}

void Commit::write(Key key, std::optional<Record> record, Expect expect) {
  const auto [at, fresh] = writes_.try_emplace(std::move(key));
  auto& [existing, write] = *at;
  if (!fresh && !write.condition_only) {
    clash(fmt::format("The record {} is written twice in one step.", shown(existing)));
    return;
  }
  join(existing, write, expect);
  write.record = std::move(record);
  write.condition_only = false;
}

Commit& Commit::require(Key key, Expect expect) {
  const auto [at, fresh] = writes_.try_emplace(std::move(key), Write{expect, std::nullopt, true});
  if (!fresh) join(at->first, at->second, expect);
  return *this;
}

Commit& Commit::put(Record record, Expect expect) {
  Key key = record.key;
  write(std::move(key), std::move(record), expect);
  return *this;
}

Commit& Commit::erase(Key key, Expect expect) {
  write(std::move(key), std::nullopt, expect);
  return *this;
}

Commit& Commit::move(Key counter, std::string from, std::string to, std::int64_t units) {
  const auto at = moves_.try_emplace(std::move(counter)).first;
  append_move(at->first, at->second, {std::move(from), std::move(to), units});
  return *this;
}

/// Only neighbours merge: between them, another move may fill what the later one takes from.
void Commit::append_move(const Key& counter, std::vector<CounterMove>& moves, CounterMove move) {
  const bool same = !moves.empty() && moves.back().from == move.from && moves.back().to == move.to;
  if (!same) {
    moves.push_back(std::move(move));
  } else if (__builtin_add_overflow(moves.back().units, move.units, &moves.back().units)) {
    clash(fmt::format("The moves on the counter {} overflow.", shown(counter)));
  }
}

Commit& Commit::event(EventDraft draft) {
  events_.push_back(std::move(draft));
  return *this;
}

Commit& Commit::send(OutMessage message) {
  const bool sent = std::any_of(messages_.begin(), messages_.end(), [&](const OutMessage& earlier) {
    return earlier.id == message.id && earlier.queue == message.queue;
  });
  if (!sent) messages_.push_back(std::move(message));
  return *this;
}

Commit& Commit::schedule(Timer timer) {
  auto& slot = timers_[timer.name];
  slot = std::move(timer);
  return *this;
}

Commit& Commit::cancel_timer(std::string name) {
  timers_[std::move(name)] = std::nullopt;
  return *this;
}

Commit& Commit::ack(Ack ack) {
  const auto same = std::find_if(acks_.begin(), acks_.end(), [&](const Ack& earlier) {
    return earlier.id == ack.id && earlier.queue == ack.queue;
  });
  if (same == acks_.end()) {
    acks_.push_back(std::move(ack));
  } else if (same->receipt != ack.receipt) {
    clash(fmt::format("The message {} is acknowledged by two receipts.", ack.id.text));
  }
  return *this;
}

void Commit::merge_write(const Key& key, Write later) {
  const auto [at, fresh] = writes_.try_emplace(key, std::move(later));
  if (fresh) return;  // try_emplace moves from `later` only when it inserts
  auto& earlier = at->second;
  if (earlier.condition_only) {
    join(key, earlier, later.expect);
  } else if (!may_follow(earlier, later.expect)) {
    clash(fmt::format("The record {} is not as a later step expects it.", shown(key)));
  }
  if (later.condition_only) return;
  earlier.record = std::move(later.record);
  earlier.condition_only = false;
}

Commit& Commit::merge(Commit later) {
  for (auto& [key, write] : later.writes_) merge_write(key, std::move(write));
  for (auto& [counter, list] : later.moves_) {
    for (auto& each : list) move(counter, std::move(each.from), std::move(each.to), each.units);
  }
  for (auto& draft : later.events_) event(std::move(draft));
  for (auto& message : later.messages_) send(std::move(message));
  for (auto& [name, timer] : later.timers_) timers_[name] = std::move(timer);
  for (auto& each : later.acks_) ack(std::move(each));
  if (!later.clash_.empty()) clash(std::move(later.clash_));
  return *this;
}

bool Commit::empty() const {
  return writes_.empty() && moves_.empty() && events_.empty() && messages_.empty() && timers_.empty() &&
         acks_.empty() && clash_.empty();
}

std::size_t Commit::key_count() const {
  return writes_.size() + moves_.size() + events_.size() + distinct_subjects(events_) + messages_.size() +
         timers_.size() + acks_.size();
}

std::size_t Commit::byte_count() const {
  std::size_t bytes = 0;
  for (const auto& [key, write] : writes_) bytes += bytes_of(key) + (write.record ? bytes_of(*write.record) : 0);
  for (const auto& [key, list] : moves_) {
    bytes += bytes_of(key);
    for (const auto& move : list) bytes += move.from.size() + move.to.size() + sizeof move.units;
  }
  for (const auto& event : events_) bytes += bytes_of(event);
  for (const auto& message : messages_) bytes += bytes_of(message);
  for (const auto& [name, timer] : timers_) bytes += name.size() + (timer ? bytes_of(timer->message) : 0);
  for (const auto& ack : acks_) bytes += ack.queue.size() + ack.id.text.size() + ack.receipt.size();
  return bytes;
}

std::optional<std::string> Commit::problem() const {
  if (!clash_.empty()) return clash_;
  if (auto found = problem_of(writes_)) return found;
  if (auto found = problem_of(moves_)) return found;
  for (const auto& [counter, list] : moves_) {
    if (writes_.contains(counter)) return fmt::format("{} is both a record and a counter.", shown(counter));
  }
  if (auto found = first_problem(events_)) return found;
  if (auto found = first_problem(messages_)) return found;
  for (const auto& [name, timer] : timers_) {
    if (auto found = problem_of(name, timer)) return found;
  }
  if (const auto keys = key_count(); keys > bounds::kCommitKeysMax) {
    return fmt::format("The step has {} keys, more than {}.", keys, bounds::kCommitKeysMax);
  }
  if (const auto bytes = byte_count(); bytes > bounds::kCommitBytesMax) {
    return fmt::format("The step has {} bytes, more than {}.", bytes, bounds::kCommitBytesMax);
  }
  return std::nullopt;
}

}  // namespace ow::platform
