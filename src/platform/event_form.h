// What messages made of events look like, whoever makes them: the engine as it commits, a replay, a second try.
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/ids.h"
#include "platform/event_log.h"
#include "platform/event_rules.h"

namespace ow::platform {

/// The EventBridge form `{id, source, detail-type, time, resources, detail}` as JSON text; of a replay also
/// `replay-name`.
std::string event_bridge_text(const Event& event, std::string_view replay = {});

/// The id of the message that a rule's target gets of an event. It follows from event, rule, target and replay,
/// so a redelivery is recognised and a replay is not.
base::MessageId routed_message_id(const Event& event, const RuleTarget& target, std::string_view replay = {});

/// What a dead-letter queue takes of an event that a rule's target did not:
/// `{rule, target, queue, reason, event}`.
std::string dead_letter_text(const Event& event, const RuleTarget& target, std::string_view reason,
                             std::string_view replay = {});

}  // namespace ow::platform
