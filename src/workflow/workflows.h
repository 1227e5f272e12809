// Runs executions of definitions durably: an execution is a record, moved by messages on one queue; each
// step is one Commit. Loop thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "platform/commit.h"
#include "platform/consumer.h"
#include "workflow/task_handler.h"

namespace ow::workflow {

/// The queue that moves executions: ordered, group = execution id.
inline constexpr std::string_view kTransitionQueue = "workflow-transitions";

enum class ExecutionStatus : std::uint8_t { running, succeeded, failed, parked };

/// A compensation that could not be done is never dropped: the execution parks with what is owed.
struct ExecutionView {
  base::ExecutionId id;
  std::string definition;
  ExecutionStatus status = ExecutionStatus::running;
  std::string state;  // current, or where it ended
  base::Json output;
  std::string error;
  std::string cause;
  base::Instant started;
  base::Instant changed;
};

class Workflows {
 public:
  /// Reads of `ports.store` only; `tasks` are copied.
  Workflows(platform::ConsumerPorts ports, TaskRegistry tasks);
  ~Workflows();

  /// Registers a definition (Amazon States Language, JSONPath) under a name. Error malformed naming place
  /// and rule; an unknown task resource is one.
  base::Result<void> define(std::string name, std::string_view definition_text);

  /// Parts that start an execution, to be merged into the commit that causes it. The id makes it unique: a
  /// duplicate start is a Conflict on the execution's record.
  platform::Commit start(base::ExecutionId id, std::string_view definition, base::Json input,
                         base::Instant now, std::string traceparent) const;

  /// Parts that wake an execution out of a Wait or a wait for retry at once; for flags that its next task
  /// reads. Harmless when it is not waiting.
  platform::Commit nudge(base::ExecutionId id, std::string_view cause_id) const;

  /// The consumer of kTransitionQueue; spawn `run_consumer` with it.
  platform::ConsumerSpec consumer();

  base::Task<base::Result<std::optional<ExecutionView>>> find(base::ExecutionId id);

  /// Makes a parked execution run again from the state it parked in.
  base::Task<base::Result<platform::Commit>> resume(base::ExecutionId id, std::string_view cause_id);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ow::workflow
