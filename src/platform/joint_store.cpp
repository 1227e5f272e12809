// See joint_store.h.
#include "platform/joint_store.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/bounds.h"

namespace ow::platform {
namespace {

namespace bounds = base::bounds;
using base::Task;

/// What the steps touch that are to be taken; they outlive this.
class Touched {
 public:
  /// Whether taking the step along with the others means the same as taking it before or after them.
  bool apart_from(const Commit& step) const {
    return std::ranges::none_of(step.writes(),
                                [&](const auto& write) { return disagrees(write.first, write.second); }) &&
           std::ranges::none_of(step.moves(), [&](const auto& moves) { return counters_.contains(moves.first); }) &&
           std::ranges::none_of(step.timers(), [&](const auto& timer) { return timers_.contains(timer.first); }) &&
           std::ranges::none_of(step.acks(), [&](const Ack& ack) { return acks_.contains({ack.queue, ack.id.text}); });
  }
  void add(const Commit& step) {
    for (const auto& [key, write] : step.writes()) writes_.emplace(key, &write);
    for (const auto& [key, moves] : step.moves()) counters_.emplace(key);
    for (const auto& [name, timer] : step.timers()) timers_.emplace(name);
    for (const auto& ack : step.acks()) acks_.emplace(ack.queue, ack.id.text);
  }

 private:
  /// Two conditions on a record agree when they are the same; a write agrees with nothing.
  bool disagrees(const Key& key, const Commit::Write& write) const {
    const auto found = writes_.find(key);
    if (found == writes_.end()) return false;
    const auto& other = *found->second;
    return !write.condition_only || !other.condition_only || write.expect != other.expect;
  }

  using KeyRef = std::reference_wrapper<const Key>;
  std::map<KeyRef, const Commit::Write*, std::less<Key>> writes_;
  std::set<KeyRef, std::less<Key>> counters_;
  std::set<std::string_view> timers_;
  std::set<std::pair<std::string_view, std::string_view>> acks_;
};

/// Whether nothing changed because of the steps themselves, one of which alone may yet hold.
bool failed_together(const base::Result<CommitOutcome>& outcome) {
  using Kind = CommitOutcome::Kind;
  using base::ErrorCode;
  if (!outcome) return outcome.error().code == ErrorCode::malformed || outcome.error().code == ErrorCode::too_large;
  return outcome->kind == Kind::conflict || outcome->kind == Kind::contended;
}

}  // namespace

Task<base::Result<std::vector<RecordPtr>>> JointStore::get(std::vector<Key> keys) {
  return below_.get(std::move(keys));
}

Task<base::Result<std::vector<std::optional<Counter>>>> JointStore::counters(std::vector<Key> keys) {
  return below_.counters(std::move(keys));
}

Task<base::Result<Page>> JointStore::query(Query query) { return below_.query(std::move(query)); }

Task<JointStore::Outcome> JointStore::commit(Commit commit) {
  if (commit.acks().empty()) co_return co_await below_.commit(std::move(commit));
  Step step{std::move(commit)};
  gathered_.push_back(&step);
  // A spawned task begins behind what is ready, so it finds all steps of this turn.
  if (gathered_.size() == 1) executor_.spawn(take_gathered());
  co_return co_await step.done;
}

/// A step that is not apart from the others goes alone: if it fails, it fails nobody else.
void JointStore::place(std::vector<Group>& groups, Step& step, bool apart) {
  const auto keys = step.commit.key_count();
  const auto bytes = step.commit.byte_count();
  const auto room = std::ranges::find_if(groups, [&](const Group& group) {
    return group.open && group.keys + keys <= bounds::kCommitKeysMax && group.bytes + bytes <= bounds::kCommitBytesMax;
  });
  if (!apart || room == groups.end()) {
    groups.push_back({step.commit, keys, bytes, apart, {&step}});
    return;
  }
  room->joint.merge(step.commit);
  room->keys += keys;
  room->bytes += bytes;
  room->steps.push_back(&step);
}

Task<void> JointStore::take_gathered() {
  std::vector<Group> groups;
  Touched touched;
  for (auto* step : std::exchange(gathered_, {})) {
    place(groups, *step, touched.apart_from(step->commit));
    touched.add(step->commit);
  }
  while (groups.size() > 1) {
    executor_.spawn(take(std::move(groups.back())));
    groups.pop_back();
  }
  co_await take(std::move(groups.front()));
}

Task<void> JointStore::take(Group group) {
  auto outcome = co_await below_.commit(std::move(group.joint));
  const bool one_by_one = group.steps.size() > 1 && failed_together(outcome);
  for (auto* step : group.steps) {
    if (one_by_one)
      executor_.spawn(take_alone(*step));
    else
      step->done.complete(outcome);
  }
}

Task<void> JointStore::take_alone(Step& step) { step.done.complete(co_await below_.commit(std::move(step.commit))); }

}  // namespace ow::platform
