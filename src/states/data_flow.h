// How data flows through a state: InputPath, Parameters; ResultSelector, Assign, ResultPath, OutputPath.
// Source: states-language.net "Input and Output Processing". Pure; used within one step of the machine.
#pragma once

#include <algorithm>
#include <optional>

#include "states/definition.h"
#include "states/thread_scope.h"

namespace ow::states {

/// The state's input behind InputPath.
Evaluated<base::Json> effective_input(const State& state, const base::Json& raw, Reading& reading);

/// The effective input behind Parameters.
Evaluated<base::Json> work_input(const State& state, const base::Json& raw, Reading& reading);

/// What leaves a state, and the variables it assigns (an object, or null for none).
struct StateResult {
  base::Json output;
  base::Json assigned;
};

/// For states that do work: `result` behind ResultSelector, placed by ResultPath into `raw`, behind OutputPath.
Evaluated<StateResult> finish_work(const State& state, const base::Json& raw, base::Json result, Reading& reading);

/// For states that only look (Choice, Wait, Succeed): the effective input behind OutputPath. `assign` is the
/// one that applies.
Evaluated<StateResult> finish_look(const State& state, base::Json effective, const std::optional<Template>& assign,
                                   Reading& reading);

/// For a caught failure: the error object, placed by the catcher's ResultPath into `raw`.
Evaluated<StateResult> finish_caught(const Catcher& catcher, const base::Json& raw, const TaskFailure& failure,
                                     Reading& reading);

/// Cut at a hundred years: a path may yield any number.
inline base::Duration seconds_span(double seconds) {
  constexpr double kSecondsMax = 3.2e9;
  return std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(std::min(seconds, kSecondsMax)));
}

/// The member's number; nothing when it is absent. Fails with States.Runtime when a path yields none of its
/// kind >= 0.
Evaluated<std::optional<double>> number_of(const NumberMember& member, const base::Json& effective, Reading& reading);

/// How long an attempt of a task may go on.
struct TaskLimits {
  base::Instant timeout = kNever;    // TimeoutSeconds, from the attempt's begin
  base::Instant heartbeat = kNever;  // HeartbeatSeconds, from its begin or its last heartbeat

  base::Instant due() const { return std::min(timeout, heartbeat); }
  const char* error() const { return timeout <= heartbeat ? kTimeoutError : kHeartbeatError; }
};
Evaluated<TaskLimits> task_limits(const TaskDetail& task, const Thread& thread, Reading& reading);

}  // namespace ow::states
