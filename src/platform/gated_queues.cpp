// See gated_queues.h.
#include "platform/gated_queues.h"

#include <algorithm>
#include <utility>

namespace ow::platform {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration kLook = 200ms;

}  // namespace

void GatedQueues::open(std::optional<int> per_second) {
  open_ = true;
  per_second_ = per_second;
}

// Messages that may be received now.
std::size_t GatedQueues::allowed() {
  if (!open_) return 0;
  if (!per_second_) return base::bounds::kReceiveBatchMax;
  const auto second = clock_.ticks() / 1s * base::Duration(1s);
  if (second != second_) in_second_ = 0;
  second_ = second;
  const auto most = static_cast<std::size_t>(*per_second_);
  return most - std::min(most, in_second_);
}

base::Task<bool> GatedQueues::wait_until_allowed(base::Duration until) {
  while (allowed() == 0) {
    const auto now = clock_.ticks();
    if (now >= until || !co_await executor_.sleep_until(std::min(until, now + kLook))) co_return false;
  }
  co_return true;
}

base::Task<base::Result<std::vector<Delivery>>> GatedQueues::receive(ReceiveRequest request) {
  const auto until = clock_.ticks() + request.wait;
  if (!co_await wait_until_allowed(until)) co_return std::vector<Delivery>();
  request.batch_max = std::min(request.batch_max, allowed());
  request.wait = std::max(until - clock_.ticks(), base::Duration());
  if (per_second_) request.wait = std::min(request.wait, kLook);  // others want their share of the rate
  auto received = co_await below_.receive(std::move(request));
  if (received) in_second_ += received->size();
  if (open_ || !received || received->empty()) co_return received;
  // The gate was shut while this waited below.
  for (auto& delivery : *received) static_cast<void>(co_await below_.release(std::move(delivery), {}));
  co_return std::vector<Delivery>();
}

}  // namespace ow::platform
