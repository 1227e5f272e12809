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

#include "platform/commit_parts.h"

namespace ow::platform {

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

  /// For the store that makes the commit durable: the parts that hold most of it, to be moved from. Each stays in its
  /// place, emptied, so what the commit says of keys and kinds stays true.
  struct Contents {
    std::map<Key, Write>& writes;
    std::vector<EventDraft>& events;
    std::vector<OutMessage>& messages;
  };
  Contents contents() { return {writes_, events_, messages_}; }

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
