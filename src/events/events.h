// The feature around the log of events: the rules that route them, and replays of what the log keeps. Loop thread.
#pragma once

#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "http/router.h"
#include "platform/clock.h"
#include "platform/event_log.h"
#include "platform/queue_admin.h"
#include "platform/store.h"
#include "rules/rule.h"

namespace ow::events {

struct EventPorts {
  platform::Store& store;
  platform::EventLog& event_log;
  platform::QueueAdmin& queue_admin;
  const platform::Clock& clock;
  /// The platform's own rules: shown, never changed.
  std::vector<rules::RuleSpec> system_rules;
};

/// Declares the queue that takes what rules could not deliver.
base::Task<base::Result<void>> declare_queues(platform::QueueAdmin& admin);

/// /api/rules: operators only.
http::Routes routes(EventPorts ports);

}  // namespace ow::events
