// Background work that lets something more urgent pass. Loop thread.
#pragma once

#include <functional>

#include "platform/clock.h"
#include "platform/executor.h"

namespace ow::platform {

/// Waits as long as `yields` says that something more urgent runs, at most bounds::kConsumerYieldMax or until the program
/// stops. True: it waited in vain. What is referred to outlives the task.
base::Task<bool> wait_for_lull(Executor& executor, const Clock& clock, const std::function<bool()>& yields);

}  // namespace ow::platform
