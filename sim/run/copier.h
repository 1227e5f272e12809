// The consumer behind the rule under watch: each message that a rule or a replay sent it becomes an event of its own,
// so that what was consumed can be read over the API. One thread.
#pragma once

#include "platform/consumer.h"
#include "platform/queue_admin.h"

namespace ow::sim {

inline constexpr const char* kCopyQueue = "sim-copies";
inline constexpr const char* kCopyType = "sim.copied";

/// Declares the queue and consumes. An event `sim.copied` about `copy-of:SUBJECT` holds `{message, event, replay}`. Ports
/// outlive the executor's tasks.
base::Task<void> run_copier(platform::ConsumerPorts ports, platform::QueueAdmin& admin);

}  // namespace ow::sim
