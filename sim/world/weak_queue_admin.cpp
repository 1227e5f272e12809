// See weak_queue_admin.h.
#include "sim/world/weak_queue_admin.h"

#include <algorithm>
#include <utility>

namespace ow::sim {

using base::Result;
using base::Task;
using platform::CommitOutcome;
using platform::MessagePage;
using platform::QueuedMessage;

bool WeakQueueAdmin::chance(std::uint32_t per_mille) {
  const bool hit = random_.chance(per_mille);
  weaknesses_ += hit ? 1 : 0;
  return hit;
}

Task<void> WeakQueueAdmin::wait() {
  const base::Duration span(random_.between(0, weather_.call_max.count()));
  co_await executor_.sleep_until(clock_.ticks() + span);
}

Task<Result<void>> WeakQueueAdmin::declare(platform::QueueSpec spec) { return below_.declare(std::move(spec)); }

/// Numbers of before, as long as they are not older than the lag; a queue's pause is never of before.
Task<Result<std::vector<platform::QueueStatus>>> WeakQueueAdmin::list() {
  co_await wait();
  auto queues = co_await below_.list();
  if (!queues) co_return queues;
  const bool fresh = clock_.ticks() - earlier_at_ > weather_.lag_max || earlier_.size() != queues->size();
  if (!fresh && chance(weather_.stale_index)) {
    for (std::size_t i = 0; i < queues->size(); ++i) earlier_[i].paused = (*queues)[i].paused;
    co_return earlier_;
  }
  earlier_ = *queues;
  earlier_at_ = clock_.ticks();
  co_return queues;
}

/// A page may begin with a message of an earlier look, whether it is still there or not.
Task<Result<MessagePage>> WeakQueueAdmin::inspect(std::string queue, platform::MessageFilter filter) {
  co_await wait();
  const bool narrow = !filter.ids.empty() || filter.limit == 0;
  auto page = co_await below_.inspect(queue, std::move(filter));
  if (!page || narrow || page->messages.empty()) co_return page;
  const auto earlier = seen_.find(queue);
  if (earlier != seen_.end() && chance(weather_.stale_index)) {
    const auto same = [&](const QueuedMessage& one) { return one.message.id == earlier->second.message.id; };
    if (std::ranges::none_of(page->messages, same)) page->messages.front() = earlier->second;
  }
  seen_.insert_or_assign(queue, page->messages.back());
  co_return page;
}

Task<Result<CommitOutcome>> WeakQueueAdmin::pause(std::string queue, bool paused, platform::Commit with) {
  co_await wait();
  if (chance(weather_.contended)) co_return CommitOutcome{CommitOutcome::Kind::contended, {}};
  const bool unknown = chance(weather_.unknown);
  auto done = co_await below_.pause(std::move(queue), paused, std::move(with));
  if (done && done->committed() && unknown) done->kind = CommitOutcome::Kind::unknown;
  co_return done;
}

}  // namespace ow::sim
