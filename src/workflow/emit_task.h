// The task that definitions of operators may use beside those of the features: `events:emit` writes an event about
// its execution, for rules to send on. Loop thread.
#pragma once

#include "platform/clock.h"
#include "workflow/task_handler.h"

namespace ow::workflow {

/// What `events:emit` fails with when its Parameters are not `{"type": …, "data": {…}}` of a type it may write.
inline constexpr std::string_view kEventRefused = "Event.Refused";

/// `clock` outlives the tasks.
TaskRegistry emit_tasks(const platform::Clock& clock);

}  // namespace ow::workflow
