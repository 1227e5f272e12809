// Port: which queues hear of an event. Rules are data; the matcher behind this interface may be a scan or an
// automaton. Called by the committer, so it is pure: no I/O, no clock. Commit lane only after start.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "platform/commit.h"
#include "platform/event_log.h"

namespace ow::platform {

/// What a rule makes of an event for one of its targets.
class MessageShape {
 public:
  virtual ~MessageShape() = default;
  /// The message's body, JSON text; `replay` is the id of the replay under way, or empty. An Error sends the event
  /// to the rule's dead-letter queue with its message.
  virtual base::Result<std::string> body(const Event& event, std::string_view replay) const = 0;
};

/// Where a matched event goes: one message on `queue`, grouped by the event's subject.
struct RuleTarget {
  std::string rule;
  std::string queue;
  /// Distinguishes the targets of one rule in their messages' ids; empty for the first.
  std::string place = {};
  /// Nothing: the EventBridge form of the event as it is.
  std::shared_ptr<const MessageShape> shape = nullptr;
  /// Takes what cannot be delivered: nobody declared `queue`, or the shape refused. Empty: the commit fails.
  std::string dead_letter_queue = {};
};

class EventRules {
 public:
  virtual ~EventRules() = default;
  /// Targets of all enabled rules whose pattern matches the EventBridge form of the event
  /// `{id, source, detail-type, time, resources, detail}`. In order of rule name.
  virtual std::vector<RuleTarget> match(const EventDraft& event) const = 0;

  /// Records of this partition define rules. Empty: rules do not change.
  virtual std::string_view partition() const { return {}; }
  /// Told of each such record when the engine opens, then of every put and erase (nothing) once it is durable:
  /// all commits checked later are routed by it. Error: the record is no rule; the rules stay as they were.
  virtual base::Result<void> changed(const std::string& name, const Record* record);
};

}  // namespace ow::platform
