// Whether background work runs: everything that consumes from a queue, so sagas, deliveries, mail. One durable
// record that an operator or a restore sets, and that holds through restarts. Loop thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/instant.h"
#include "base/result.h"
#include "base/task.h"
#include "http/router.h"
#include "platform/clock.h"
#include "platform/executor.h"
#include "platform/gated_queues.h"
#include "platform/store.h"

namespace ow::ops {

struct BackgroundWork {
  bool paused = false;
  /// Messages a second over all queues while running; nothing: as fast as it goes.
  std::optional<int> per_second = std::nullopt;
  base::Instant since;
  std::string by;  // user id, or "restore"
  std::string why;
  platform::Version version = 0;
};

inline constexpr int kWorkPerSecondMax = 100'000;

/// Running since the beginning of time when nobody ever paused it.
base::Task<base::Result<BackgroundWork>> find_background_work(platform::Store& store);
/// Conditioned on the version it was read at.
platform::Commit put_background_work(const BackgroundWork& work);
/// Until it is settled; no change when it is paused already.
base::Task<base::Result<void>> pause_background_work(platform::Store& store, base::Instant now, std::string by,
                                                     std::string why);

/// Opens and shuts the gate as the record says, within a second. Runs until the executor stops; spawn it once
/// the gate stands as the record did at the start.
base::Task<void> follow_background_work(platform::Store& store, platform::GatedQueues& gate,
                                        platform::Executor& executor, const platform::Clock& clock);
void apply_background_work(const BackgroundWork& work, platform::GatedQueues& gate);

struct BackgroundPorts {
  platform::Store& store;
  const platform::Clock& clock;
  /// Why background work may not be resumed now; nothing when it may.
  std::function<base::Task<base::Result<void>>()> may_resume;
};

/// GET /api/background, POST /api/background/pause and /resume. For operators.
http::Routes background_routes(BackgroundPorts ports);

}  // namespace ow::ops
