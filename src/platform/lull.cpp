// See lull.h.
#include "platform/lull.h"

#include "base/bounds.h"

namespace ow::platform {

base::Task<bool> wait_for_lull(Executor& executor, const Clock& clock, const std::function<bool()>& yields) {
  const auto until = clock.ticks() + base::bounds::kConsumerYieldMax;
  while (yields()) {
    if (clock.ticks() >= until || executor.stopping()) co_return true;
    static_cast<void>(co_await executor.sleep_until(clock.ticks() + base::bounds::kConsumerYieldStep));
  }
  co_return false;
}

}  // namespace ow::platform
