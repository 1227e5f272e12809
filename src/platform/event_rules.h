// Port: which queues hear of an event. Rules are data; the matcher behind this interface may be a scan or an
// automaton. Called by the committer, so it is pure: no I/O, no clock. Commit lane only after start.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "platform/commit.h"

namespace ow::platform {

/// Where a matched event goes: one message on `queue`, grouped by the event's subject.
struct RuleTarget {
  std::string rule;
  std::string queue;
};

class EventRules {
 public:
  virtual ~EventRules() = default;
  /// Targets of all enabled rules whose pattern matches the EventBridge form of the event
  /// `{id, source, detail-type, time, resources, detail}`. In order of rule name.
  virtual std::vector<RuleTarget> match(const EventDraft& event) const = 0;
};

}  // namespace ow::platform
