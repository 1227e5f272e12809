// The feature around the log of events: the rules that route them, and replays of what the log keeps. Loop thread.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "http/router.h"
#include "platform/clock.h"
#include "platform/consumer.h"
#include "platform/event_log.h"
#include "platform/id_source.h"
#include "platform/queue_admin.h"
#include "platform/store.h"
#include "rules/rule.h"

namespace ow::events {

struct EventPorts {
  platform::Store& store;
  platform::EventLog& event_log;
  platform::QueueAdmin& queue_admin;
  const platform::Clock& clock;
  platform::IdSource& ids;
  /// The platform's own rules: shown, never changed.
  std::vector<rules::RuleSpec> system_rules;
  /// Queues of the platform's own work, by name. No operator's rule may feed one: an event from outside would
  /// else reach a saga through it.
  std::set<std::string> platform_queues;
  /// What the platform's own audiences (mail, receipts, topics, webhooks) hear at the moment: shown beside the rules,
  /// neither changed nor replayed to.
  std::function<std::vector<rules::Rule>()> audiences = [] { return std::vector<rules::Rule>(); };
};

/// What handlers, routes and consumers share.
using Desk = std::shared_ptr<const EventPorts>;

/// Declares the queues of replays, and of what rules could not deliver.
base::Task<base::Result<void>> declare_queues(platform::QueueAdmin& admin);

/// Carry replays out, and give dead letters of rules that were redriven another try. Spawn `run_consumer` with each.
std::vector<platform::ConsumerSpec> consumers(EventPorts ports);

/// /api/rules, /api/replays: operators only.
http::Routes routes(EventPorts ports);

}  // namespace ow::events
