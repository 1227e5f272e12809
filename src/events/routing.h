// What a rule's target gets of an event outside of the event's own commit: by a replay, or by a second try of a dead
// letter. Pure; loop thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "platform/commit_parts.h"
#include "platform/event_log.h"
#include "platform/event_rules.h"

namespace ow::events {

struct Routed {
  platform::OutMessage message;
  bool dead_lettered = false;
};

/// The message to the target's queue, or to the dead-letter queue with what went wrong.
Routed routed_message(const platform::Event& event, const platform::RuleTarget& target, std::string_view replay,
                      const std::function<bool(const std::string& queue)>& is_declared);

}  // namespace ow::events
