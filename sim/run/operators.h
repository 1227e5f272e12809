// An operator at work while shoppers buy: starts executions of a drill whose first version is defective, pauses
// and resumes one, a definition and everything, stops and redrives, uploads a mended version for a share and
// redrives what failed onto it. Afterwards every drill must have succeeded, on the version it should be on, with
// each effect once. A process of its own that outlives the platform's crashes. One thread.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/audit.h"
#include "sim/run/plan.h"
#include "sim/world/world.h"

namespace ow::sim {

class Operators {
 public:
  Operators(SimWorld& world, const Plan& plan);

  void start() { process_.executor.spawn(work()); }
  /// All that was to be done while faults happen is done.
  bool done() const { return done_; }
  /// Lets everything go on that was paused or stopped, redrives until nothing is failed, then reads.
  void start_settling() { process_.executor.spawn(settle()); }
  bool finished() const { return finished_; }

  /// Checkers `drill` and `history`.
  const std::vector<tests::Finding>& findings() const { return findings_; }
  int redrives() const { return redrives_; }
  int pauses() const { return pauses_; }
  int versions() const { return versions_; }

 private:
  struct Drill {
    std::string id;
    bool needs_mending = false;
    std::map<std::string, int> told;  // events by type
  };
  using Answer = std::optional<std::pair<int, base::Json>>;

  base::Task<void> work();
  base::Task<void> settle();
  base::Task<void> pause_and_resume();
  base::Task<void> touch_some();
  base::Task<void> upload(std::string text, int percent, std::string key);
  base::Task<void> start_drill(bool needs_mending, int number);
  base::Task<void> redrive_failed(std::string status);
  base::Task<void> resume_paused();
  base::Task<bool> all_ended();
  base::Task<void> read_events();
  base::Task<void> check();
  void check_history(const base::Json& execution);
  base::Task<base::Json> get(std::string path);
  /// Repeats until there is an answer below 500, under one idempotency key; nothing of 409 is a failure here.
  base::Task<base::Json> post(std::string path, base::Json body, std::string key = {});
  base::Task<Answer> ask(platform::HttpRequest request);
  base::Task<void> pause(std::int64_t ms_max);

  SimWorld& world_;
  const Plan& plan_;
  SimMachine machine_;
  SimProcess process_;
  SimRandom random_;
  std::string token_;
  std::string events_from_;
  std::deque<Drill> drills_;
  std::vector<tests::Finding> findings_;
  int requests_ = 0;
  int redrives_ = 0;
  int pauses_ = 0;
  int versions_ = 0;
  bool done_ = false;
  bool finished_ = false;
};

}  // namespace ow::sim
