// Reading executions from the store. Loop thread.
#pragma once

#include <optional>

#include "base/ids.h"
#include "base/result.h"
#include "base/task.h"
#include "platform/store.h"
#include "workflow/execution.h"

namespace ow::workflow {

struct StoredExecution {
  Execution execution;
  platform::Version version = 0;
};

base::Result<StoredExecution> execution_from(const platform::Record& record);

/// Nothing when there is none.
base::Task<base::Result<std::optional<StoredExecution>>> load_execution(platform::Store& store, base::ExecutionId id);

}  // namespace ow::workflow
