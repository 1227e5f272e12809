// An EventLog seen as AWS may show it: the log over all subjects shows an event only some time after its
// commit. What one subject's events are stays exact. Loop thread.
#pragma once

#include "platform/clock.h"
#include "platform/event_log.h"
#include "platform/executor.h"
#include "sim/world/sim_random.h"
#include "sim/world/weak_weather.h"

namespace ow::sim {

class WeakEventLog final : public platform::EventLog {
 public:
  /// All must outlive this.
  WeakEventLog(platform::EventLog& below, platform::Executor& executor, const platform::Clock& clock, SimRandom random,
               WeakWeather weather = {})
      : below_(below), executor_(executor), clock_(clock), random_(random), weather_(weather) {}

  base::Task<base::Result<std::vector<platform::Event>>> by_subject(std::string subject, std::uint64_t after,
                                                                    std::size_t limit) override;
  base::Task<base::Result<platform::EventPage>> after(std::string cursor, std::size_t limit) override;
  base::Task<base::Result<platform::EventPage>> newest(std::size_t limit) override;
  base::Task<base::Result<platform::EventPage>> before(std::string cursor, std::size_t limit) override;
  base::Task<base::Result<std::string>> cursor_at(base::Instant time) override;

 private:
  base::Task<void> pause();
  /// Events of this instant and later are not shown yet.
  base::Instant settled();

  platform::EventLog& below_;
  platform::Executor& executor_;
  const platform::Clock& clock_;
  SimRandom random_;
  WeakWeather weather_;
};

}  // namespace ow::sim
