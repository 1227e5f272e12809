// Queues seen as AWS may show them: deliveries seconds after the commit, twice, or in another order. Acks
// stay the store's affair: of two deliveries of a message one ack is taken. Loop thread.
#pragma once

#include <map>
#include <string>

#include "platform/clock.h"
#include "platform/executor.h"
#include "platform/queues.h"
#include "sim/world/sim_random.h"
#include "sim/world/weak_weather.h"

namespace ow::sim {

class WeakQueues final : public platform::Queues {
 public:
  /// All must outlive this. What it holds back is lost with it, and comes again when its visibility ends.
  WeakQueues(platform::Queues& below, platform::Executor& executor, const platform::Clock& clock, SimRandom random,
             WeakWeather weather = {})
      : below_(below), executor_(executor), clock_(clock), random_(random), weather_(weather) {}

  base::Task<base::Result<std::vector<platform::Delivery>>> receive(platform::ReceiveRequest request) override;
  base::Task<base::Result<void>> extend(platform::Delivery delivery, base::Duration visibility) override;
  base::Task<base::Result<void>> release(platform::Delivery delivery, base::Duration delay) override;

  std::uint64_t weaknesses() const { return weaknesses_; }

 private:
  using Held = std::multimap<base::Duration, platform::Delivery>;  // by the ticks from which it is handed out

  bool chance(std::uint32_t per_mille);
  void hold(const platform::Delivery& delivery);
  /// Moves what may be handed out now to `batch`.
  void take_due(const platform::ReceiveRequest& request, std::vector<platform::Delivery>& batch);
  void sort_out(std::vector<platform::Delivery> received, std::vector<platform::Delivery>& batch);
  void reorder(std::vector<platform::Delivery>& batch);

  platform::Queues& below_;
  platform::Executor& executor_;
  const platform::Clock& clock_;
  SimRandom random_;
  WeakWeather weather_;
  std::map<std::string, Held> held_;
  std::uint64_t weaknesses_ = 0;
};

}  // namespace ow::sim
