// Queues and their messages as operators see them. Loop thread.
#pragma once

#include "base/json.h"
#include "platform/queue_admin.h"

namespace ow::ops {

base::Json queue_json(const platform::QueueStatus& queue);
base::Json queue_schema();

/// Of the body at most `body_bytes_max`, cut between characters; `bodyBytes` tells how long it is.
base::Json message_json(const platform::QueuedMessage& message, std::size_t body_bytes_max, base::Instant now);
base::Json message_schema();

}  // namespace ow::ops
