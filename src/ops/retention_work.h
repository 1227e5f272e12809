// Retention as background work: drops old events piece by piece, and goes through the store now and then to say
// in metrics what there is of each kind, what has expired and is not dropped yet, and how old the oldest is.
// Loop thread.
#pragma once

#include <optional>

#include "base/bounds.h"
#include "base/instant.h"
#include "base/task.h"
#include "platform/clock.h"
#include "platform/executor.h"
#include "platform/retention.h"
#include "platform/telemetry.h"

namespace ow::ops {

/// No event is dropped earlier: consumers that were away so long, and what waits in dead-letter queues, still
/// find it.
inline constexpr int kEventDaysMin = 30;

/// No answer is forgotten earlier: clients may repeat a request for a day.
inline constexpr int kIdempotencyHoursMin = 24;

/// How long what is kept; what expires takes the span that held when it was written.
struct KeptFor {
  std::optional<int> event_days;  // at least kEventDaysMin; nothing: for ever
  base::Duration idempotency = base::bounds::kIdempotencyKept;
  base::Duration executions = base::bounds::kExecutionKept;  // after their end
  base::Duration dead_letters = base::bounds::kDeadLetterKept;
};

struct RetentionPorts {
  platform::Retention& retention;
  platform::Executor& executor;
  const platform::Clock& clock;
  platform::Telemetry& telemetry;
};

/// `event_days`: how long events are kept, at least kEventDaysMin; nothing: for ever. Runs until the executor
/// stops; spawn it.
base::Task<void> run_event_retention(RetentionPorts ports, std::optional<int> event_days);

/// Counts everything at the start and once an hour, a page at a time with rests between, and says how old the oldest is
/// of what `kept` names. Runs until the executor stops.
base::Task<void> run_store_census(RetentionPorts ports, KeptFor kept);

}  // namespace ow::ops
