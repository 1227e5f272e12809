// One handling of one message: takes an execution as far as it gets within one commit. Loop thread.
#pragma once

#include <memory>

#include "platform/consumer.h"
#include "platform/staged_store.h"
#include "workflow/execution_edit.h"
#include "workflow/task_handler.h"
#include "workflow/transition_message.h"

namespace ow::workflow {

class Transition {
 public:
  /// `version` is the record's, 0 for a new execution; `kept`: how long it stays after its end. References outlive
  /// this.
  Transition(platform::ConsumerPorts& ports, const TaskRegistry& tasks,
             std::shared_ptr<const states::Definition> definition, Execution execution, platform::Version version,
             std::string traceparent, base::Duration kept);

  /// Applies what the message says and goes on. An empty commit: the message was not current.
  base::Task<base::Result<platform::Commit>> run(TransitionMessage message);

 private:
  bool trigger(const TransitionMessage& message);
  bool cut_wait_short();
  void apply(states::Event event);
  /// Goes on until a task must wait for its own message, nothing is due, or the bound is reached.
  base::Task<base::Result<void>> advance();
  base::Task<base::Result<bool>> run_task(states::Action action);
  base::Task<base::Result<bool>> take_outcome(const states::Action& action, TaskOutcome outcome);
  void postpone(const states::Action& action);
  bool fits_beside(const platform::Commit& more) const;
  bool must_wait_for_message(const states::Action& action) const;
  platform::Commit finish();

  platform::ConsumerPorts& ports_;
  const TaskRegistry& tasks_;
  std::string traceparent_;
  ExecutionEdit edit_;
  platform::StagedStore staged_;
  /// Entries up to this number are durable, and so are the keys of their tasks.
  std::int64_t durable_entries_;
  bool called_outside_ = false;
};

}  // namespace ow::workflow
