// See queue_state.h.
#include "engine/queue_state.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace ow::engine {
namespace {

/// One group takes at most this part of the memory, so that a big one leaves room for others.
constexpr std::size_t kGroupMessagesMax = 256;

// An owner is noisy when it holds at least this many messages in flight and more than a tenth of all.
constexpr std::uint32_t kNoisyInFlight = 30;
constexpr std::size_t kNoisyPart = 10;

/// So many turns in a row may go to groups that have begun, then one to those that wait.
constexpr int kBegunTurnsMax = 7;

}  // namespace

QueueState::QueueState(StoredQueue stored, std::size_t messages_max)
    : stored_(std::move(stored)), messages_max_(messages_max) {}

// ---- Groups ----

QueueState::Group* QueueState::find(const std::string& name) {
  const auto found = groups_.find(name);
  return found == groups_.end() ? nullptr : &found->second;
}

QueueState::Group& QueueState::make(const std::string& name) {
  const auto at = groups_.try_emplace(name).first;
  at->second.name = &at->first;
  return at->second;
}

void QueueState::push(Group& group, const MessagePtr& message) {
  group.ready.push_back(message);
  group.loaded_through = message->sequence;
  ++loaded_;
  list(group);
}

bool QueueState::deliverable(const Group& group) const {
  if (group.ready.empty() || group.blocked) return false;
  return !ordered() || group.in_flight == 0;
}

bool QueueState::noisy(const Group& group) const {
  return !ordered() && group.in_flight >= kNoisyInFlight && group.in_flight * kNoisyPart > in_flight_.size();
}

void QueueState::list(Group& group) {
  if (group.listed || !deliverable(group)) return;
  group.listed = true;
  if (noisy(group)) return list_as_noisy(group);
  (group.begun ? begun_ : quiet_).push_back(&group);
}

void QueueState::list_as_noisy(Group& group) {
  group.waits_as_noisy = true;
  noisy_.push_back(&group);
}

/// An owner whose messages in flight have ended waits no longer behind the others.
void QueueState::calm_down(Group& group) {
  if (!group.waits_as_noisy || noisy(group)) return;
  group.waits_as_noisy = false;
  noisy_.erase(std::ranges::find(noisy_, &group));
  quiet_.push_back(&group);
}

/// Gives a group back to its turn, to the loader, or to oblivion.
void QueueState::settle(Group& group) {
  list(group);
  if (group.listed || !group.ready.empty()) return;
  if (group.more) {
    if (!group.loading) starved_.push_back(*group.name);
    group.loading = true;
  } else if (group.in_flight == 0 && !group.blocked && !group.loading) {
    groups_.erase(groups_.find(*group.name));
  }
}

// ---- Effects ----

void QueueState::sent(const MessagePtr& message) {
  if (Group* group = find(message->group)) {
    if (message->sequence <= group->loaded_through) return;  // a scan was quicker than the post
    group->sent_while_loading = true;
    if (group->more) return;
    if (full() || group->blocked || group->ready.size() >= kGroupMessagesMax) {
      group->more = true;
      settle(*group);
    } else {
      push(*group, message);
    }
    return;
  }
  if (!explored_) return put_aside(message);
  if (!full()) return push(make(message->group), message);
  explored_ = false;
  low_ = message->group;  // all other groups are in memory
}

void QueueState::gone(Sequence sequence) {
  const auto flight = in_flight_.find(sequence);
  if (flight != in_flight_.end()) {
    if (ordered()) find(flight->second.message->group)->begun = true;
    end_flight(flight);
  }
  // One that is not in flight is found dead when it is about to be handed out.
}

// ---- Receiving ----

/// Whose turn it is: those that have begun before those that have not, so that under load much is finished and
/// not all half done; and the noisy after all others.
QueueState::Turns& QueueState::turns() {
  while (!quiet_.empty() && noisy(*quiet_.front())) {
    list_as_noisy(*quiet_.front());
    quiet_.pop_front();
  }
  const bool others_turn = begun_in_a_row_ >= kBegunTurnsMax && !quiet_.empty();
  if (!begun_.empty() && !others_turn) return begun_;
  return quiet_.empty() ? noisy_ : quiet_;
}

const Message* QueueState::next() {
  const auto& next = turns();
  return next.empty() ? nullptr : next.front()->ready.front().get();
}

std::optional<MessagePtr> QueueState::take(base::Duration visible_at, std::uint64_t serial, std::uint32_t slot,
                                           base::Instant at) {
  auto& next = turns();
  if (next.empty()) return std::nullopt;
  Group* group = next.front();
  next.pop_front();
  begun_in_a_row_ = group->begun ? begun_in_a_row_ + 1 : 0;
  group->listed = group->waits_as_noisy = group->begun = false;
  OW_ASSERT(deliverable(*group), "a listed group has a message that can be received");
  MessagePtr message = std::move(group->ready.front());
  group->ready.pop_front();
  --loaded_;
  ++group->in_flight;
  in_flight_[message->sequence] = {message, visible_at, serial, message->received + 1, slot, at};
  deadlines_.emplace(visible_at, message->sequence);
  ++slot_users_[slot];
  census_.in_flight(message->sent, 1);
  settle(*group);
  return message;
}

const InFlight* QueueState::in_flight(Sequence sequence) const {
  const auto flight = in_flight_.find(sequence);
  return flight == in_flight_.end() ? nullptr : &flight->second;
}

void QueueState::extend(Sequence sequence, base::Duration visible_at) {
  InFlight& flight = in_flight_.at(sequence);
  deadlines_.erase({flight.visible_at, sequence});
  flight.visible_at = visible_at;
  deadlines_.emplace(visible_at, sequence);
}

void QueueState::end_flight(std::unordered_map<Sequence, InFlight>::iterator flight) {
  const InFlight ended = std::move(flight->second);
  in_flight_.erase(flight);
  deadlines_.erase({ended.visible_at, ended.message->sequence});
  if (--slot_users_[ended.slot] == 0) free_slots_.push_back(ended.slot);
  census_.in_flight(ended.message->sent, -1);
  Group* group = find(ended.message->group);
  OW_ASSERT(group != nullptr && group->in_flight != 0, "a group with messages in flight is in memory");
  --group->in_flight;
  calm_down(*group);
  settle(*group);
}

void QueueState::give_back(MessagePtr message, base::Duration blocked_until) {
  const auto flight = in_flight_.find(message->sequence);
  OW_ASSERT(flight != in_flight_.end(), "a message that is given back was in flight");
  Group& group = *find(message->group);
  group.ready.push_front(std::move(message));
  ++loaded_;
  if (blocked_until.count() != 0) block(group, blocked_until);
  end_flight(flight);
}

/// Those behind the head go back to the store: a group that must wait takes no memory from others.
void QueueState::block(Group& group, base::Duration until) {
  group.blocked = true;
  blocked_.emplace(until, *group.name);
  loaded_ -= group.ready.size();
  if (group.ready.size() == 1) return;
  group.ready.resize(1);
  group.loaded_through = group.ready.front()->sequence;
  group.more = true;
}

void QueueState::forget(Sequence sequence) { gone(sequence); }

std::vector<Sequence> QueueState::timed_out(base::Duration now) const {
  std::vector<Sequence> sequences;
  for (const auto& [visible_at, sequence] : deadlines_) {
    if (visible_at > now) break;
    sequences.push_back(sequence);
  }
  return sequences;
}

void QueueState::unblock(base::Duration now) {
  while (!blocked_.empty() && blocked_.begin()->first <= now) {
    Group* group = find(blocked_.begin()->second);
    blocked_.erase(blocked_.begin());
    if (group == nullptr) continue;
    group->blocked = false;
    loaded_ += group->ready.size();
    settle(*group);
  }
}

std::optional<base::Duration> QueueState::next_deadline() const {
  std::optional<base::Duration> next;
  if (!deadlines_.empty()) next = deadlines_.begin()->first;
  if (!blocked_.empty() && (!next || blocked_.begin()->first < *next)) next = blocked_.begin()->first;
  return next;
}

std::uint32_t QueueState::take_slot() {
  if (free_slots_.empty()) {
    slot_users_.push_back(0);
    return static_cast<std::uint32_t>(slot_users_.size() - 1);
  }
  const std::uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  return slot;
}

void QueueState::drop_slot_if_unused(std::uint32_t slot) {
  if (slot_users_[slot] == 0) free_slots_.push_back(slot);
}

// ---- Loading a group ----

std::optional<GroupLoad> QueueState::next_load() {
  while (!starved_.empty()) {
    const std::string name = std::move(starved_.front());
    starved_.pop_front();
    Group* group = find(name);
    if (group == nullptr) continue;
    group->sent_while_loading = false;
    return GroupLoad{name, group->loaded_through};
  }
  return std::nullopt;
}

void QueueState::loaded(const GroupLoad& load, FoundGroup found) {
  Group* group = find(load.group);
  if (group == nullptr) return;
  group->loading = false;
  if (group->blocked) return;  // came back meanwhile, and keeps only its head
  group->more = found.more || group->sent_while_loading;
  for (const auto& message : found.messages) push(*group, message);
  settle(*group);
}

// ---- Exploring ----

std::string QueueState::begin_page() {
  if (!in_cycle_) {
    in_cycle_ = true;
    cycle_complete_ = true;
    aside_complete_ = false;
    cursor_ = low_;
  }
  if (!aside_complete_) {
    aside_.clear();
    aside_count_ = 0;
    aside_complete_ = true;
  }
  return cursor_;
}

void QueueState::put_aside(const MessagePtr& message) {
  if (message->group < low_) low_ = message->group;
  if (!in_cycle_ || !aside_complete_) return;
  if (aside_count_ == messages_max_) {
    aside_.clear();
    aside_count_ = 0;
    aside_complete_ = cycle_complete_ = false;
    return;
  }
  aside_[message->group].push_back(message);
  ++aside_count_;
}

void QueueState::found(FoundPage page) {
  const bool nothing_sent = aside_complete_ && aside_.empty();
  if (cursor_ == low_ && !page.groups.empty() && nothing_sent) low_ = page.groups.front().name;
  if (!page.groups.empty()) cursor_ = page.groups.back().name + '\x01';
  // Turns by age, not by name. A page is asked for when there is room for all of it.
  std::ranges::sort(page.groups, {}, [](const FoundGroup& group) { return group.messages.front()->sequence; });
  for (const auto& group : page.groups) take_in(group);
  if (page.at_end) end_cycle();
}

void QueueState::take_in(const FoundGroup& found) {
  if (find(found.name) != nullptr) return;
  Group& group = make(found.name);
  group.blocked = found.blocked_until.count() != 0;  // before it is listed
  for (const auto& message : found.messages) push(group, message);
  group.more = found.more || !aside_complete_;
  const auto aside = aside_.find(found.name);
  if (aside != aside_.end() && !group.more) {
    for (const auto& message : aside->second) {
      if (message->sequence > group.loaded_through) push(group, message);
    }
  }
  if (group.blocked) block(group, found.blocked_until);
}

void QueueState::end_cycle() {
  in_cycle_ = false;
  if (!cycle_complete_) return;
  explored_ = true;
  const auto aside = std::exchange(aside_, {});
  aside_count_ = 0;
  for (const auto& [name, messages] : aside) {
    for (const auto& message : messages) {
      const Group* group = find(name);
      const bool known = group != nullptr && (group->more || message->sequence <= group->loaded_through);
      if (!known) sent(message);
    }
  }
}

std::uint64_t QueueState::waiting_behind() const {
  std::uint64_t count = 0;
  for (const auto& [name, group] : groups_) {
    if (ordered() && !group.listed) count += group.ready.size();
    if (ordered() && group.listed) count += group.ready.size() - 1;
  }
  return count;
}

bool QueueState::behind_another(const Message& message) const {
  if (!ordered()) return false;
  const auto group = groups_.find(message.group);
  if (group == groups_.end()) return false;
  if (group->second.blocked || group->second.in_flight != 0) return true;
  return !group->second.ready.empty() && group->second.ready.front()->sequence < message.sequence;
}

}  // namespace ow::engine
