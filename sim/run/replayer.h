// The workload of event rules and replays: an operator on a machine of its own makes a rule, replays what the log holds
// while orders are placed and processes crash, cancels now and then, and replays everything once all is quiet. At the
// end the log is read and the checkers of replays hold every copy against it. One thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/task.h"
#include "harness/audit.h"
#include "sim/run/plan.h"
#include "sim/world/world.h"

namespace ow::sim {

/// What the checker needs: the log, and what the platform says of its replays.
struct CopyBooks {
  std::vector<base::Json> events;   // of the whole log, in its order
  std::vector<base::Json> replays;  // as /api/replays shows them
  base::Instant ruled_from;         // the rule was acknowledged by then
};

/// Of each run every matching event (findings named replay_complete), none twice (replay_once), and if `ordered` in order
/// of each subject (replay_order); and the same of what the rule routed as it was committed. What a replay says of itself
/// agrees (replay).
std::vector<tests::Finding> check_copies(const CopyBooks& books, bool ordered);

class Replayer {
 public:
  Replayer(SimWorld& world, const Plan& plan);

  void start() { process_.executor.spawn(work()); }
  bool served() const { return served_; }
  /// Once nothing else happens: replays all and waits until everything is consumed.
  void start_reading() { process_.executor.spawn(read()); }
  bool drained() const { return drained_; }
  /// For who reads the log.
  std::vector<base::Json>& events() { return books_.events; }
  SimExecutor& executor() { return process_.executor; }

  /// When the log was read.
  std::vector<tests::Finding> findings() const;
  std::size_t copies() const;
  std::size_t replays() const { return books_.replays.size(); }

 private:
  base::Task<void> work();
  base::Task<void> read();
  base::Task<void> pause(std::int64_t low_ms, std::int64_t high_ms);
  base::Task<base::Json> ask(std::string method, std::string path, std::string body);
  base::Task<std::string> start_replay(std::string body);
  base::Task<void> wait_for_end(std::string replay);
  base::Task<bool> is_drained();

  SimWorld& world_;
  const Plan& plan_;
  SimMachine machine_;
  SimProcess process_;
  SimRandom random_;
  std::string token_;
  CopyBooks books_;
  int keys_ = 0;
  bool served_ = false;
  bool drained_ = false;
};

}  // namespace ow::sim
