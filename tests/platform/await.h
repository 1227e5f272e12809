// Runs a task that never waits, as those over a MapStore do. Test thread only.
#pragma once

#include <optional>

#include "base/task.h"

namespace ow::platform {

template <typename T>
base::Task<void> keep(base::Task<T> task, std::optional<T>& value) {
  value.emplace(co_await task);
}

template <typename T>
T await(base::Task<T> task) {
  std::optional<T> value;
  const auto keeper = keep(std::move(task), value);
  const auto awaiter = keeper.operator co_await();
  awaiter.await_suspend(std::noop_coroutine()).resume();
  OW_ASSERT(value.has_value(), "the task ends without waiting");
  return std::move(*value);
}

}  // namespace ow::platform
