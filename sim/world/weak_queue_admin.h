// QueueAdmin seen as AWS may show it: numbers of a while ago, looks that still show what is gone, outcomes that
// nobody learns. Loop thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "platform/clock.h"
#include "platform/executor.h"
#include "platform/queue_admin.h"
#include "sim/world/sim_random.h"
#include "sim/world/weak_weather.h"

namespace ow::sim {

class WeakQueueAdmin final : public platform::QueueAdmin {
 public:
  /// All must outlive this.
  WeakQueueAdmin(platform::QueueAdmin& below, platform::Executor& executor, const platform::Clock& clock,
                 SimRandom random, WeakWeather weather = {})
      : below_(below), executor_(executor), clock_(clock), random_(random), weather_(weather) {}

  base::Task<base::Result<void>> declare(platform::QueueSpec spec) override;
  base::Task<base::Result<std::vector<platform::QueueStatus>>> list() override;
  base::Task<base::Result<platform::MessagePage>> inspect(std::string queue, platform::MessageFilter filter) override;
  base::Task<base::Result<platform::CommitOutcome>> pause(std::string queue, bool paused,
                                                          platform::Commit with) override;

  std::uint64_t weaknesses() const { return weaknesses_; }

 private:
  bool chance(std::uint32_t per_mille);
  base::Task<void> wait();

  platform::QueueAdmin& below_;
  platform::Executor& executor_;
  const platform::Clock& clock_;
  SimRandom random_;
  const WeakWeather weather_;
  std::vector<platform::QueueStatus> earlier_;
  base::Duration earlier_at_{};
  std::map<std::string, platform::QueuedMessage> seen_;  // by queue: one of the last look
  std::uint64_t weaknesses_ = 0;
};

}  // namespace ow::sim
