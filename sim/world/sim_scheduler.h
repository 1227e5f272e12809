// The scheduler of the simulated world: picks every next step of every simulated process by seed. Time moves
// a few microseconds a step; when nothing is ready it jumps to the next sleeper. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/instant.h"
#include "sim/world/history.h"
#include "sim/world/sim_clock.h"
#include "sim/world/sim_random.h"

namespace ow::sim {

class SimExecutor;

class SimScheduler {
 public:
  static constexpr std::uint64_t kStepsMax = 50'000'000;

  enum class End : std::uint8_t {
    reached,  // the predicate holds
    time,     // the clock reached the limit
    idle,     // nothing is ready and nobody sleeps
    steps,    // the bound on steps
    halted,   // a process was halted and waits for its end
  };

  struct Limits {
    base::Duration until = base::Duration::max();  // SimClock::ticks
    std::uint64_t steps = kStepsMax;
  };

  SimScheduler(SimClock& clock, SimRandom random, History& history);
  SimScheduler(const SimScheduler&) = delete;
  SimScheduler& operator=(const SimScheduler&) = delete;

  /// Steps until the predicate holds; it is asked before every step.
  End run_until(const std::function<bool()>& reached, Limits limits);
  End run_until(const std::function<bool()>& reached) { return run_until(reached, Limits()); }
  /// Steps for a span of simulated time, to its end even when all fall idle.
  End run_for(base::Duration span);
  /// Steps until nothing is ready and nobody sleeps.
  End run_until_idle();

  SimClock& clock() { return clock_; }
  std::uint64_t steps() const { return steps_; }

 private:
  friend class SimExecutor;  // registers itself

  bool any_halted() const;
  bool ready() const;
  bool sleeping() const;
  bool advance(base::Duration until);
  void wake_due();
  void step();

  SimClock& clock_;
  SimRandom random_;
  History& history_;
  std::vector<SimExecutor*> processes_;
  std::uint64_t steps_ = 0;
};

}  // namespace ow::sim
