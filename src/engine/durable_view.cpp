// See durable_view.h.
#include "engine/durable_view.h"

namespace ow::engine {

base::Task<DurableView> DurableViews::take() {
  Waiter waiter;
  {
    const std::lock_guard lock(mutex_);
    if (failed_) co_return DurableView{};
    if (!last_.view && !appending_) last_ = {key_value_.view(), epoch_};
    if (last_.view) co_return last_;
    waiter = std::make_shared<base::Completion<DurableView>>();
    waiters_.push_back(waiter);
  }
  co_return co_await *waiter;
}

void DurableViews::begin_append() {
  const std::lock_guard lock(mutex_);
  appending_ = true;
}

std::pair<DurableView, std::vector<DurableViews::Waiter>> DurableViews::publish(std::uint64_t epoch) {
  const std::lock_guard lock(mutex_);
  appending_ = false;
  if (epoch != epoch_) last_ = {};
  epoch_ = epoch;
  if (!waiters_.empty() && !last_.view) last_ = {key_value_.view(), epoch_};
  return {last_, std::exchange(waiters_, {})};
}

std::vector<DurableViews::Waiter> DurableViews::fail() {
  const std::lock_guard lock(mutex_);
  failed_ = true;
  last_ = {};
  return std::exchange(waiters_, {});
}

}  // namespace ow::engine
