// Runs executions of definitions durably: an execution is a record, moved by messages on two queues; each
// step is one Commit. Loop thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "platform/commit.h"
#include "platform/consumer.h"
#include "workflow/bounds.h"
#include "workflow/definition_book.h"
#include "workflow/execution.h"
#include "workflow/execution_control.h"
#include "workflow/gate.h"
#include "workflow/task_handler.h"

namespace ow::workflow {

/// The queues that move executions, both ordered, group = execution id: what goes on at once, and what became due.
/// Apart, so that however many wake up in one second, others' steps do not stand behind them.
inline constexpr std::string_view kTransitionQueue = "workflow-transitions";
inline constexpr std::string_view kDueQueue = "workflow-due";

/// How they are to be declared. Their receive limit outlasts a store that refuses for ten minutes, their
/// visibility the longest call to the outside.
std::vector<platform::QueueSpec> workflow_queues();

/// A compensation that could not be done is never dropped: a task that fails with the error `Workflow.Parked`,
/// not caught, parks the execution in its state with what is owed, until it is resumed.
struct ExecutionView {
  base::ExecutionId id;
  std::string definition;
  std::int64_t version = 1;
  states::ExecutionStatus status = states::ExecutionStatus::running;
  std::string state;  // current, or where it ended
  base::Json output;
  std::string error;
  std::string cause;
  base::Instant started;
  base::Instant changed;
};

class Workflows {
 public:
  /// `tasks` are copied. `kept`: how long an execution stays after its end.
  Workflows(platform::ConsumerPorts ports, TaskRegistry tasks, base::Duration kept = base::bounds::kExecutionKept);
  ~Workflows();

  /// Registers a definition (Amazon States Language, JSONPath) that is compiled in. Error malformed naming place
  /// and rule; an unknown task resource is one.
  base::Result<void> define(std::string name, std::string_view definition_text);

  /// Parts that start an execution, to be merged into the commit that causes it: one message. The id makes it
  /// unique: a second start under it changes nothing. The execution's record appears with its first transition.
  platform::Commit start(base::ExecutionId id, std::string_view definition, base::Json input, base::Instant now,
                         std::string traceparent) const;

  /// Parts that wake an execution out of a Wait or a wait for retry at once; for flags that its next task
  /// reads. Harmless when it is not waiting.
  platform::Commit nudge(base::ExecutionId id, std::string_view cause_id) const;

  /// The consumers of workflow_queues(), in its order; spawn `run_consumer` with each.
  std::vector<platform::ConsumerSpec> consumers();

  /// Nothing before the first transition, and once an ended one is not kept any longer.
  base::Task<base::Result<std::optional<ExecutionView>>> find(base::ExecutionId id);

  /// Stores the definitions that are compiled in as versions; before the consumer starts.
  base::Task<base::Result<void>> publish();

  /// Looks after executions until the executor stops; spawn it beside the consumer.
  base::Task<void> run_upkeep();
  /// Looks at once for executions whose definition was resumed.
  void look_for_held();

  DefinitionBook& definitions();
  ExecutionControl& control();
  Gate& gate();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ow::workflow
