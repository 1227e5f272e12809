// The worker loop: receives from a queue, runs a handler, adds the ack to the handler's commit. Consume,
// effect and produce are one step, and a redelivery changes nothing. Loop thread.
#pragma once

#include <functional>

#include "platform/clock.h"
#include "platform/executor.h"
#include "platform/queues.h"
#include "platform/random.h"
#include "platform/store.h"
#include "platform/telemetry.h"

namespace ow::platform {

/// Reads fresh state and says what the message does; runs again on Conflict. An Error releases the message
/// with back-off, and in the end to the dead-letter queue, where its text is kept.
using MessageHandler = std::function<base::Task<base::Result<Commit>>(Delivery delivery)>;

struct ConsumerSpec {
  std::string queue;
  /// Handlers of this consumer that may run at once.
  std::size_t parallel_max = 32;
  MessageHandler handle;
  /// Asked before each receive: true while something more urgent runs. The consumer then waits, and takes
  /// bounds::kConsumerTrickle messages after bounds::kConsumerYieldMax. It does not wait for bounds::kConsumerHurry
  /// after a message that was older than bounds::kConsumerYieldAgeMax: a burst passes first, a lasting load shares.
  std::function<bool()> yields = {};
  /// Asked before each receive how many of `wanted` messages it may take; waits while it is none. 0: not now.
  std::function<base::Task<std::size_t>(std::size_t wanted)> admits = {};
  /// How long a message that failed stays away, by its receives so far, up to 20 % more; unset: as
  /// bounds::kRetryDelayFirst says.
  std::function<base::Duration(int receives)> retry_delay = {};
  /// What handlers return at the same time is made durable together (platform/joint_store.h): for queues whose steps
  /// are many, small and strangers to each other.
  bool together = false;
};

struct ConsumerPorts {
  Executor& executor;
  Queues& queues;
  Store& store;
  const Clock& clock;
  Random& random;
  Telemetry& telemetry;
};

/// Runs until the executor stops; then finishes what it received. Spawn it.
base::Task<void> run_consumer(ConsumerPorts ports, ConsumerSpec spec);

/// Runs `decide` on fresh state and commits what it returns until it is no Conflict, at most
/// bounds::kConflictRunsMax times; then error unavailable. Unknown is error timed_out.
base::Task<base::Result<void>> commit_until_settled(Store& store,
                                                    std::function<base::Task<base::Result<Commit>>()> decide);

}  // namespace ow::platform
