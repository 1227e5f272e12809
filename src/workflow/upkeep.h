// What has to be looked after beside the executions' own messages: those that were held for a paused definition
// go on once it is not, at the rate that was asked for; gauges count what waits for a person. Loop thread.
#pragma once

#include "platform/consumer.h"
#include "workflow/definition_book.h"
#include "workflow/execution_control.h"

namespace ow::workflow {

class Upkeep {
 public:
  /// References outlive this.
  Upkeep(platform::ConsumerPorts& ports, DefinitionBook& definitions, ExecutionControl& control)
      : ports_(ports), definitions_(definitions), control_(control) {}

  /// Runs until the executor stops. Spawn it once.
  base::Task<void> run();
  /// Looks at once for what may go on.
  void look_now() { due_ = {}; }
  /// One round over everything that is held.
  base::Task<base::Result<void>> release_held();

 private:
  base::Task<base::Result<bool>> may_go_on(const Execution& execution);
  base::Task<base::Result<void>> let_go(base::ExecutionId id, std::string definition);
  base::Task<base::Result<void>> count();

  platform::ConsumerPorts& ports_;
  DefinitionBook& definitions_;
  ExecutionControl& control_;
  base::Duration due_{};
  base::Duration count_due_{};
};

}  // namespace ow::workflow
