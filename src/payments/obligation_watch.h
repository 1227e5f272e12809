// Watches over what is owed: gauges of how much and how old, and an alarm on age. An obligation that is open for
// longer than it may be is reported once, by an operator's event in the commit that marks it and by a line of
// the log; the alarm's gauge is up as long as there is one. Loop thread.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "payments/obligations.h"
#include "platform/clock.h"
#include "platform/executor.h"
#include "platform/store.h"
#include "platform/telemetry.h"

namespace ow::payments {

/// The saga polls an obligation every minute: what is older than this needs a person, unless an installation says
/// another age.
inline constexpr base::Duration kObligationAlarmAge = std::chrono::hours(1);

struct WatchPorts {
  platform::Executor& executor;
  platform::Store& store;
  const platform::Clock& clock;
  platform::Telemetry& telemetry;
  base::Duration alarm_age = kObligationAlarmAge;  // at least a minute
};

/// One look at all that is open.
base::Task<base::Result<void>> look_at_obligations(WatchPorts ports);

/// Looks every half a minute until the executor stops. Spawn it.
base::Task<void> watch_obligations(WatchPorts ports);

}  // namespace ow::payments
