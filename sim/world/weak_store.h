// A Store seen as AWS may show it: index queries lag behind commits, a commit is contended or its outcome
// unknown. Keys, conditions and atomicity stay those of the store below. Loop thread.
#pragma once

#include <map>
#include <optional>

#include "platform/clock.h"
#include "platform/executor.h"
#include "platform/store.h"
#include "sim/world/sim_random.h"
#include "sim/world/weak_weather.h"

namespace ow::sim {

class WeakStore final : public platform::Store {
 public:
  /// All must outlive this.
  WeakStore(platform::Store& below, platform::Executor& executor, const platform::Clock& clock, SimRandom random,
            WeakWeather weather = {})
      : below_(below), executor_(executor), clock_(clock), random_(random), weather_(weather) {}

  base::Task<base::Result<std::vector<platform::RecordPtr>>> get(std::vector<platform::Key> keys) override;
  base::Task<base::Result<std::vector<std::optional<platform::Counter>>>> counters(
      std::vector<platform::Key> keys) override;
  base::Task<base::Result<platform::Page>> query(platform::Query query) override;
  base::Task<base::Result<platform::CommitOutcome>> commit(platform::Commit commit) override;

  /// How often it was weak so far.
  std::uint64_t weaknesses() const { return weaknesses_; }

 private:
  struct Earlier {
    base::Duration written;
    platform::RecordPtr before;
  };
  using Before = std::map<platform::Key, platform::RecordPtr>;

  bool chance(std::uint32_t per_mille);
  base::Task<void> pause();
  base::Task<base::Result<Before>> before(const platform::Commit& commit);
  void remember(Before before);
  void show_earlier(const platform::Query& query, platform::Page& page);

  platform::Store& below_;
  platform::Executor& executor_;
  const platform::Clock& clock_;
  SimRandom random_;
  WeakWeather weather_;
  std::map<platform::Key, Earlier> recent_;
  std::uint64_t weaknesses_ = 0;
};

}  // namespace ow::sim
