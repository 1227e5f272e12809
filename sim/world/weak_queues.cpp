// See weak_queues.h.
#include "sim/world/weak_queues.h"

#include <algorithm>
#include <utility>

namespace ow::sim {

using base::Duration;
using base::Result;
using base::Task;
using platform::Delivery;
using platform::ReceiveRequest;

bool WeakQueues::chance(std::uint32_t per_mille) {
  const bool hit = random_.chance(per_mille);
  weaknesses_ += hit ? 1 : 0;
  return hit;
}

void WeakQueues::hold(const Delivery& delivery) {
  const Duration lag(random_.between(1, weather_.lag_max.count()));
  held_[delivery.queue].emplace(clock_.ticks() + lag, delivery);
}

void WeakQueues::take_due(const ReceiveRequest& request, std::vector<Delivery>& batch) {
  auto& held = held_[request.queue];
  while (!held.empty() && held.begin()->first <= clock_.ticks() && batch.size() < request.batch_max) {
    batch.push_back(std::move(held.extract(held.begin()).mapped()));
  }
}

void WeakQueues::sort_out(std::vector<Delivery> received, std::vector<Delivery>& batch) {
  for (auto& delivery : received) {
    if (chance(weather_.duplicated)) hold(delivery);
    if (chance(weather_.late)) {
      hold(delivery);
    } else {
      batch.push_back(std::move(delivery));
    }
  }
}

void WeakQueues::reorder(std::vector<Delivery>& batch) {
  if (batch.size() < 2 || !chance(weather_.reordered)) return;
  for (std::size_t i = batch.size() - 1; i > 0; --i) std::swap(batch[i], batch[random_.below(i + 1)]);
}

Task<Result<std::vector<Delivery>>> WeakQueues::receive(ReceiveRequest request) {
  const Duration deadline = clock_.ticks() + request.wait;
  std::vector<Delivery> batch;
  while (true) {
    take_due(request, batch);
    const auto& held = held_[request.queue];
    ReceiveRequest ask = request;
    ask.batch_max -= batch.size();
    ask.wait = deadline - clock_.ticks();
    if (!held.empty()) ask.wait = std::min(ask.wait, held.begin()->first - clock_.ticks());
    if (!batch.empty() || ask.wait < Duration(0)) ask.wait = Duration(0);
    if (ask.batch_max != 0) {
      auto received = co_await below_.receive(ask);
      if (!received) co_return received;
      sort_out(std::move(*received), batch);
    }
    if (!batch.empty() || clock_.ticks() >= deadline || executor_.stopping()) break;
  }
  reorder(batch);
  co_return batch;
}

Task<Result<void>> WeakQueues::extend(Delivery delivery, Duration visibility) {
  co_return co_await below_.extend(std::move(delivery), visibility);
}

Task<Result<void>> WeakQueues::release(Delivery delivery, Duration delay) {
  co_return co_await below_.release(std::move(delivery), delay);
}

}  // namespace ow::sim
