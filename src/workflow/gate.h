// The gate before all executions: closed, none moves, while starts, timers and answers gather behind it; opened,
// they pass, at a rate if one is set. Its state is a record, so it survives a restart. Loop thread.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "base/task.h"
#include "platform/clock.h"
#include "platform/executor.h"
#include "platform/store.h"
#include "workflow/definition_book.h"

namespace ow::workflow {

struct GateState {
  bool closed = false;
  int rate = 0;  // transitions a second; 0: no limit
  Actor changed;
  base::Instant at;
};

class Gate {
 public:
  /// References outlive this.
  Gate(platform::Store& store, platform::Executor& executor, const platform::Clock& clock)
      : store_(store), executor_(executor), clock_(clock) {}

  /// Reads the state; with `closed` closes it first, for whoever starts the program so. Before the consumer starts.
  base::Task<base::Result<void>> load(bool closed);
  const GateState& state() const { return state_; }

  /// Makes the state durable together with `event`; what has begun ends, nothing else begins.
  base::Task<base::Result<void>> set(GateState state, platform::EventDraft event);

  /// How many of `wanted` transitions may begin now; waits while it is none. 0 when the executor stops.
  base::Task<std::size_t> admit(std::size_t wanted);

 private:
  std::size_t take(std::size_t wanted);

  platform::Store& store_;
  platform::Executor& executor_;
  const platform::Clock& clock_;
  GateState state_;
  double allowance_ = 0;
  base::Duration refilled_{};
};

}  // namespace ow::workflow
