// The language as a pure step function: (definition, execution, event) -> execution, and from an execution the
// next action it waits for. No I/O, no clock: the durable runner (src/workflow) and the offline one
// (offline_run.h) do what an action says and report the outcome as an event. Any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "states/definition.h"
#include "states/execution.h"
#include "states/passage.h"

namespace ow::states {

/// A task that fails with this, uncaught, parks the execution in its state instead of failing it: what is
/// owed is not dropped. `Event::Kind::resumed` runs the task again under the same key.
inline constexpr const char* kParkedError = "Workflow.Parked";

/// What an execution needs next. Threads go in definition and item order; one waits only when all do.
struct Action {
  enum class Kind : std::uint8_t {
    proceed,   // enter the state: nothing but an event is needed
    run_task,  // run the task and report `returned`, `threw` or `postponed`
    wait,      // nothing before `due`; then report `due`. At kNever only an event from outside helps
    finished,  // succeeded, failed or parked
  };
  Kind kind = Kind::finished;
  Position at = {};
  std::string state = {};
  std::int64_t entry = 0;
  base::Instant due = {};
  bool awaits_callback = false;  // wait: for an answer to a task token

  // run_task only
  std::string resource = {};
  base::Json input = {};
  std::string key = {};  // the same for all attempts of an entry
  int attempt = 1;
  int postponed = 0;
  base::Instant entered = {};
  /// A run that has not begun by then must not: report `threw` with States.Timeout.
  std::optional<base::Instant> deadline = std::nullopt;
  /// What a run that begins after the deadline fails with.
  std::string deadline_error = kTimeoutError;
  /// Its result comes by its task token: report `handed_over` once the task has run.
  bool callback = false;
  /// The task's input could not be made: report `threw` with this.
  std::optional<TaskFailure> refused = std::nullopt;
};

struct Event {
  enum class Kind : std::uint8_t {
    proceed,
    returned,     // output
    threw,        // failure
    postponed,    // outcome unknown: run the same attempt again at `due`
    due,          // the wait is over (or cut short)
    expired,      // the whole execution's TimeoutSeconds passed
    resumed,      // a parked execution goes on; `at` is not read
    handed_over,  // the task has run and its token is out
    beaten,       // a heartbeat of who has the token
    redriven,     // a failed or stopped execution goes on where it ended; `at` is not read
    stopped,      // ends with `failure`; `at` is not read
  };
  Kind kind = Kind::proceed;
  Position at = {};
  base::Instant now = {};
  base::Json output = {};
  TaskFailure failure = {};
  base::Instant due = {};
  /// The share of a FULL-jitter delay that is waited, in [0, 1].
  double jitter = 1.0;
};

/// A retry that a step decided.
struct RetryNotice {
  std::string state;
  base::Duration delay;
};

/// A new execution, ready to enter its first state.
Execution begin_execution(const Definition& definition, std::string id, base::Json input, base::Instant now);

Action next_action(const Definition& definition, const Execution& execution);

/// Takes down what ends in a step.
using Journal = std::function<void(const Passage& passage)>;

/// Applies an event that answers next_action(). An event that does not fit the thread's phase changes nothing.
std::optional<RetryNotice> step(const Definition& definition, Execution& execution, Event event,
                                const Journal& journal = {});

/// Moves the clocks of what is under way by the time that it was paused.
void shift_clocks(Execution& execution, base::Duration paused);

/// When the whole execution times out.
std::optional<base::Instant> execution_deadline(const Definition& definition, const Execution& execution);

}  // namespace ow::states
