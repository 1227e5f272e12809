// What a feature gives to a workflow: functions from input to output and Commit. The interpreter adds the
// state transition to the commit, so a task's effects and its transition are one step. Loop thread.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/ids.h"
#include "base/instant.h"
#include "base/json.h"
#include "base/result.h"
#include "base/task.h"
#include "platform/commit.h"
#include "platform/store.h"
#include "states/failure.h"

namespace ow::workflow {

/// How a task fails, in the language's terms.
using states::TaskFailure;

struct TaskInput {
  base::Json input;  // after Parameters
  base::ExecutionId execution;
  std::string state;
  /// The same for every retry of this entry of the state (execution, state, time of entry): the key for
  /// calls to the outside.
  std::string key;
  int attempt = 1;
  base::Instant entered;
  std::string traceparent;
  /// Reads answer as if the transitions before this one in the same commit had been taken. Use this store,
  /// never another, so that what is read is conditioned with what is written.
  platform::Store& store;
};

struct TaskOutcome {
  base::Json output = {};
  /// Set: the task failed; `commit` is still made (with the transition the failure causes).
  std::optional<states::TaskFailure> failure = std::nullopt;
  platform::Commit commit = {};
};

/// An Error (store away, gateway's outcome unknown) is not a failure of the language: the task runs again under
/// the same key and attempt. One that calls outside runs again from a timer with back-off (1 s to 60 s) until
/// its TimeoutSeconds has passed, which then fails it with States.Timeout; for any other the message is
/// released, so that its receive limit applies.
using TaskHandler = std::function<base::Task<base::Result<TaskOutcome>>(TaskInput input)>;

struct TaskSpec {
  TaskHandler handle;
  /// Calls something outside: the transition before it is made durable first, and it starts from a message.
  bool calls_outside = false;
};

/// By the Resource member of Task states: "orders:reserve".
using TaskRegistry = std::map<std::string, TaskSpec>;

}  // namespace ow::workflow
