// A message group under watch: one task sends numbered messages, a consumer checks that they come 1, 2, 3 …
// and each has its effect once, whatever crashes in between. One thread.
#pragma once

#include <vector>

#include "harness/audit.h"
#include "platform/consumer.h"
#include "platform/queue_admin.h"

namespace ow::sim {

inline constexpr const char* kProbeQueue = "sim-probe";

/// Declares the queue, goes on sending where an earlier life stopped, and consumes. What comes out of
/// order or twice goes to `findings` under the checkers' names group_order and consumed_once. `findings` and ports outlive the executor's tasks.
base::Task<void> run_probe(platform::ConsumerPorts ports, platform::QueueAdmin& admin,
                           std::vector<tests::Finding>& findings);

}  // namespace ow::sim
