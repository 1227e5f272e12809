// Another try for what a rule could not deliver: a dead letter that is redriven to this queue goes through the rule as
// it is now. Loop thread.
#pragma once

#include <string_view>

#include "events/events.h"
#include "platform/queues.h"

namespace ow::events {

/// Its dead-letter queue is rules::kRuleDeadLetters.
inline constexpr std::string_view kRuleRetryQueue = "event-rules";

/// Error when it cannot be delivered still: in the end it is a dead letter again.
base::Task<base::Result<platform::Commit>> try_again(Desk desk, platform::Delivery delivery);

}  // namespace ow::events
