// One queue in memory: a bounded part of its messages by group, what is in flight, and what has yet to be
// found in the store. It decides who is next; it does no I/O. Loop thread.
//
// A group in memory holds the first of its messages that are not in flight, in order; `more` says that the
// store holds further ones behind them. Groups that are not in memory are found by exploring: the store is
// walked page by page from group to group, in a cycle, until a whole cycle found nothing new. While a queue
// is unexplored, a message for a group that is not in memory stays in the store, where the cycle finds it;
// those sent during the cycle are kept aside, since the walk may be past their group.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/census.h"
#include "engine/queue_flight.h"
#include "engine/queue_page.h"
#include "engine/stored.h"

namespace ow::engine {

class QueueState {
 public:
  QueueState(StoredQueue stored, std::size_t messages_max);

  const platform::QueueSpec& spec() const { return stored_.spec; }
  QueueNumber number() const { return stored_.number; }
  bool ordered() const { return stored_.spec.kind == platform::QueueKind::ordered; }
  const StoredQueue& stored() const { return stored_; }
  bool paused() const { return stored_.paused; }
  void pause(bool paused) { stored_.paused = paused; }
  void adopt(const platform::QueueSpec& spec) { stored_.spec = spec; }
  Census& census() { return census_; }
  const Census& census() const { return census_; }

  /// What durable batches did, in the order of the log.
  void sent(const MessagePtr& message);
  void gone(Sequence sequence);

  /// The next message, in flight from now on until `visible_at`; nothing when none can be received.
  std::optional<MessagePtr> take(base::Duration visible_at, std::uint64_t serial, std::uint32_t slot,
                                 base::Instant at = {});
  const Message* next();  // what take() would give

  const InFlight* in_flight(Sequence sequence) const;
  void extend(Sequence sequence, base::Duration visible_at);
  /// Ends the flight: the message is first of its group again, in an ordered queue not before
  /// `blocked_until`.
  void give_back(MessagePtr message, base::Duration blocked_until = {});
  void forget(Sequence sequence);  // of a message that is no longer in the queue
  /// Those whose visibility timeout is over, still in flight.
  std::vector<Sequence> timed_out(base::Duration now) const;
  const std::unordered_map<Sequence, InFlight>& flights() const { return in_flight_; }
  void unblock(base::Duration now);
  /// When timed_out() or unblock() have something to do next.
  std::optional<base::Duration> next_deadline() const;

  std::uint32_t take_slot();
  void drop_slot_if_unused(std::uint32_t slot);  // a receive that handed out nothing after all

  /// The next group that is out of messages; the load is under way until loaded().
  std::optional<GroupLoad> next_load();
  bool wants_load() const { return !starved_.empty(); }
  void loaded(const GroupLoad& load, FoundGroup found);

  /// Whether the next page of groups should be looked for now; from which group on.
  bool wants_page() const { return !explored_ && loaded_ < messages_max_ / 2; }
  std::string begin_page();
  void found(FoundPage page);

  /// Messages of a group in memory that wait behind one that is in flight or blocked.
  std::uint64_t waiting_behind() const;
  bool behind_another(const Message& message) const;

 private:
  struct Group {
    const std::string* name = nullptr;  // key of the map's node
    std::deque<MessagePtr> ready;
    Sequence loaded_through = 0;
    bool more = false;
    bool sent_while_loading = false;
    bool loading = false;
    bool listed = false;
    bool waits_as_noisy = false;  // listed in noisy_
    bool begun = false;           // its last message was consumed while in memory: listed in begun_
    bool blocked = false;
    std::uint32_t in_flight = 0;
  };
  using Groups = std::unordered_map<std::string, Group>;
  using Turns = std::deque<Group*>;

  Group* find(const std::string& name);
  Group& make(const std::string& name);
  void push(Group& group, const MessagePtr& message);
  bool deliverable(const Group& group) const;
  bool noisy(const Group& group) const;
  void list(Group& group);
  Turns& turns();
  void list_as_noisy(Group& group);
  void calm_down(Group& group);
  void settle(Group& group);
  void block(Group& group, base::Duration until);
  void end_flight(std::unordered_map<Sequence, InFlight>::iterator flight);
  bool full() const { return loaded_ >= messages_max_; }
  void put_aside(const MessagePtr& message);
  void take_in(const FoundGroup& found);
  void end_cycle();

  StoredQueue stored_;
  const std::size_t messages_max_;
  Census census_;

  Groups groups_;
  // Groups with a message that can be received, in turn.
  Turns quiet_;
  Turns noisy_;  // fair: owners that hold much in flight
  Turns begun_;  // ordered: those of which a message was just consumed
  int begun_in_a_row_ = 0;
  std::size_t loaded_ = 0;  // messages in `ready` of all groups, but for the heads of blocked ones
  std::deque<std::string> starved_;

  std::unordered_map<Sequence, InFlight> in_flight_;
  std::set<std::pair<base::Duration, Sequence>> deadlines_;
  std::set<std::pair<base::Duration, std::string>> blocked_;

  std::vector<std::uint32_t> slot_users_;
  std::vector<std::uint32_t> free_slots_;

  bool explored_ = false;
  std::string low_;     // no group below it is in the store but those in memory
  std::string cursor_;  // the cycle goes on here
  bool in_cycle_ = false;
  bool cycle_complete_ = true;  // nothing had to be left out
  bool aside_complete_ = true;
  std::map<std::string, std::vector<MessagePtr>> aside_;
  std::size_t aside_count_ = 0;
};

}  // namespace ow::engine
