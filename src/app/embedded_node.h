// One embedded engine on one directory with its own loop and lanes: what `serve`, the sandbox gateway and the
// offline commands run on. Main thread, which becomes the loop thread.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "engine/embedded_engine.h"
#include "engine/rocks/key_value.h"
#include "local/asio_executor.h"
#include "local/lane_thread.h"
#include "local/machine.h"
#include "ops/metrics.h"
#include "platform/event_rules.h"

namespace ow::app {

/// In a data directory while a restore into it is under way.
inline constexpr const char* kRestoring = "restoring";

class EmbeddedNode {
 public:
  /// Opens (and recovers) the store in `directory`. A sync that fails ends the process with exit code 70 and
  /// a message: what is on disk is unknown, so nothing may be acknowledged any more. Error conflict
  /// `restore_interrupted` when a restore into it did not end.
  static base::Result<std::unique_ptr<EmbeddedNode>> open(
      const std::string& directory, std::unique_ptr<platform::EventRules> rules,
      base::Duration dead_letters_kept = base::bounds::kDeadLetterKept);

  local::AsioExecutor& executor() { return executor_; }
  const local::SystemClock& clock() const { return clock_; }
  local::SystemRandom& random() { return random_; }
  ops::Metrics& metrics() { return metrics_; }
  engine::EmbeddedEngine& engine() { return *engine_; }

  /// Refuses new commits, ends timers, and lets run() of the executor return.
  base::Task<void> shut_down();

 private:
  EmbeddedNode();

  local::SystemClock clock_;
  local::SystemRandom random_;
  ops::Metrics metrics_;
  std::unique_ptr<platform::EventRules> rules_;
  std::unique_ptr<platform::KeyValue> key_value_;
  local::LaneThread drain_lane_{local::kBackgroundNiceness};  // the store's background: ends before it
  local::AsioExecutor executor_;
  std::unique_ptr<engine::EmbeddedEngine> engine_;
};

/// Runs one task on the node's loop to its end and shuts the node down; for offline commands.
base::Result<void> run_to_end(EmbeddedNode& node, base::Task<base::Result<void>> task);

}  // namespace ow::app
