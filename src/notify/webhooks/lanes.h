// Changes of lanes as parts of a Commit: put an event in, bring the first on its way. Loop thread.
#pragma once

#include <string>

#include "notify/webhooks/delivery.h"
#include "notify/webhooks/ports.h"

namespace ow::notify::webhooks {

/// Sends the lane's first on its way now, or at `due` (later than kMessageDelayMax by a timer). `parks` and `reserved`
/// as in Work.
void send_first(platform::Commit& commit, Lane& lane, base::Instant now, std::optional<base::Instant> due = {},
                int parks = 0, bool reserved = false);

/// A delivery that begins: its record, its place in the lane, and the message when nothing brings the lane and the
/// endpoint takes deliveries. At most three keys; the lane is put by the caller. A lane that is full fails the
/// delivery for good instead.
void enqueue(platform::Commit& commit, Lane& lane, DeliveryRecord delivery, bool active, base::Instant now);

}  // namespace ow::notify::webhooks
