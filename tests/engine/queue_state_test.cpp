// One queue in memory against a model of the store: with room for a few messages only, under any interleaving
// of sends, receives, acks, releases and loads, nothing is lost, nothing comes twice, and groups keep their order.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "engine/queue_state.h"

namespace ow::engine {
namespace {

constexpr std::size_t kMessagesMax = 8;
constexpr std::size_t kPageMessages = 4;
constexpr std::size_t kFirstMessages = 2;

using Stored = std::map<std::string, std::map<Sequence, MessagePtr>>;

StoredQueue queue_of(platform::QueueKind kind) {
  StoredQueue queue;
  queue.number = 1;
  queue.spec.name = "q";
  queue.spec.kind = kind;
  return queue;
}

class Model {
 public:
  explicit Model(platform::QueueKind kind)
      : queue_(queue_of(kind), kMessagesMax), ordered_(kind == platform::QueueKind::ordered) {}

  void send(const std::string& group) {
    Message message;
    message.sequence = ++sequence_;
    message.group = group;
    const auto made = std::make_shared<const Message>(std::move(message));
    stored_[group][sequence_] = made;
    queue_.sent(made);
  }

  void receive() {
    if (queue_.next() == nullptr) return;
    const auto slot = queue_.take_slot();
    const auto taken = queue_.take(base::Duration(1), 0, slot);
    RC_ASSERT(taken.has_value());
    const MessagePtr& message = *taken;
    const auto group = stored_.find(message->group);
    // A scan may have found what was consumed since; the committer tells before it is handed out.
    const bool alive = group != stored_.end() && group->second.contains(message->sequence);
    if (!alive) return queue_.forget(message->sequence);
    const bool first_time = in_flight_.emplace(message->sequence, message).second;
    RC_ASSERT(first_time);
    if (ordered_) RC_ASSERT(group->second.begin()->first == message->sequence);
  }

  void ack(std::size_t which) {
    if (in_flight_.empty()) return;
    const auto flight = std::next(in_flight_.begin(), static_cast<std::ptrdiff_t>(which % in_flight_.size()));
    auto& group = stored_[flight->second->group];
    group.erase(flight->first);
    if (group.empty()) stored_.erase(flight->second->group);
    queue_.gone(flight->first);
    in_flight_.erase(flight);
  }

  /// Sends the group's next message in the commit that consumes one.
  void go_on(std::size_t which) {
    if (in_flight_.empty()) return;
    const auto flight = std::next(in_flight_.begin(), static_cast<std::ptrdiff_t>(which % in_flight_.size()));
    send(std::string(flight->second->group));
    ack(which);
  }

  void release(std::size_t which, bool delayed) {
    if (in_flight_.empty()) return;
    const auto flight = std::next(in_flight_.begin(), static_cast<std::ptrdiff_t>(which % in_flight_.size()));
    const bool blocks = delayed && ordered_;
    queue_.give_back(flight->second, blocks ? base::Duration(10) : base::Duration(0));
    in_flight_.erase(flight);
  }

  void unblock() { queue_.unblock(base::Duration(10)); }

  /// A scan takes its view now and its result arrives later.
  void begin_load() {
    if (load_ || page_) return;
    if ((load_ = queue_.next_load())) {
      found_group_ = scan_group(*load_);
    } else if (queue_.wants_page()) {
      page_ = scan_page(queue_.begin_page());
    }
  }
  void end_load() {
    if (load_) queue_.loaded(*std::exchange(load_, {}), std::move(found_group_));
    if (page_) queue_.found(*std::exchange(page_, {}));
  }

  void drain() {
    for (int idle = 0; idle < 50; ++idle) {
      unblock();
      begin_load();
      end_load();
      while (queue_.next() != nullptr) {
        receive();
        idle = 0;
      }
      while (!in_flight_.empty()) ack(0);
    }
    RC_ASSERT(stored_.empty());
  }

 private:
  FoundGroup scan_group(const GroupLoad& load) const {
    FoundGroup found{load.group, {}, false, {}};
    const auto group = stored_.find(load.group);
    if (group == stored_.end()) return found;
    for (auto one = group->second.upper_bound(load.behind); one != group->second.end(); ++one) {
      found.more = found.messages.size() == kPageMessages;
      if (found.more) break;
      found.messages.push_back(one->second);
    }
    return found;
  }

  FoundPage scan_page(const std::string& from) const {
    FoundPage page;
    std::size_t messages = 0;
    for (auto group = stored_.lower_bound(from); group != stored_.end(); ++group) {
      if (messages >= kPageMessages) return page;
      page.groups.push_back({group->first, {}, group->second.size() > kFirstMessages, {}});
      for (const auto& [sequence, message] : group->second) {
        if (page.groups.back().messages.size() == kFirstMessages) break;
        page.groups.back().messages.push_back(message);
        ++messages;
      }
    }
    page.at_end = true;
    return page;
  }

  QueueState queue_;
  const bool ordered_;
  Sequence sequence_ = 0;
  Stored stored_;
  std::map<Sequence, MessagePtr> in_flight_;
  std::optional<GroupLoad> load_;
  FoundGroup found_group_;
  std::optional<FoundPage> page_;
};

void act(Model& model, int action, std::size_t choice) {
  static const std::vector<std::string> groups{"", "a", "aa", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
  switch (action) {
    case 0:
    case 1:
      return model.send(groups[choice % groups.size()]);
    case 2:
      return model.send(groups[choice % 2]);
    case 3:
    case 4:
      return model.receive();
    case 5:
    case 6:
      return model.ack(choice);
    case 7:
      return model.release(choice, choice % 3 == 0);
    case 8:
      return model.unblock();
    case 9:
      return model.begin_load();
    case 10:
      return model.go_on(choice);
    default:
      return model.end_load();
  }
}

void run_any(platform::QueueKind kind) {
  Model model(kind);
  const auto actions = *rc::gen::resize(400, rc::gen::container<std::vector<std::pair<int, std::size_t>>>(rc::gen::pair(
                                                 rc::gen::inRange(0, 12), rc::gen::inRange<std::size_t>(0, 1000))));
  for (const auto& [action, choice] : actions) act(model, action, choice);
  model.end_load();
  model.drain();
}

MessagePtr message_of(Sequence sequence, const std::string& group) {
  Message message;
  message.sequence = sequence;
  message.group = group;
  return std::make_shared<const Message>(std::move(message));
}

/// The groups in the order of their turns, when each message but the last of its group is followed by another in the
/// commit that consumes it.
std::string turns(int groups, int messages_each, int turns_max) {
  QueueState queue(queue_of(platform::QueueKind::ordered), 1000);
  static_cast<void>(queue.begin_page());
  queue.found({{}, true});
  Sequence sequence = 0;
  std::map<std::string, int> sent;
  for (int i = 0; i < groups; ++i) queue.sent(message_of(++sequence, std::string(1, static_cast<char>('a' + i))));
  std::string order;
  while (queue.next() != nullptr && order.size() < static_cast<std::size_t>(turns_max)) {
    const auto taken = *queue.take(base::Duration(1), 0, queue.take_slot());
    order += taken->group;
    if (++sent[taken->group] < messages_each) queue.sent(message_of(++sequence, taken->group));
    queue.gone(taken->sequence);
  }
  return order;
}

TEST(QueueTurns, a_group_that_has_begun_goes_on_before_those_that_have_not) {
  EXPECT_EQ(turns(3, 3, 100), "aaabbbccc");
}

TEST(QueueTurns, those_that_have_not_begun_get_every_eighth_turn_at_least) {
  EXPECT_EQ(turns(3, 1000, 18), "aaaaaaaababababacb");
}

RC_GTEST_PROP(QueueState, an_ordered_queue_loses_nothing_and_keeps_groups_in_order, ()) {
  run_any(platform::QueueKind::ordered);
}

RC_GTEST_PROP(QueueState, a_fair_queue_loses_nothing_and_hands_out_nothing_twice, ()) {
  run_any(platform::QueueKind::fair);
}

}  // namespace
}  // namespace ow::engine
