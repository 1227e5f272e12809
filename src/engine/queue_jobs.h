// What the queues change inside a batch: receive counts, moves to the dead-letter queue and the due range,
// firing what is due. Each makes a job for Committer::run(); the job runs on the commit lane and owns what it
// needs, results included.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/committer.h"
#include "engine/stored.h"
#include "platform/telemetry.h"

namespace ow::engine {

/// One receive: writes its counts, and finds out which messages are still there.
struct HandOut {
  QueueNumber queue = 0;
  base::Instant at;
  std::uint32_t slot = 0;
  std::vector<MessagePtr> messages;
  std::vector<bool> alive;  // result, one a message
};
BatchJob hand_out(std::shared_ptr<HandOut> receive);

/// Writes messages that are still there again as given: receive counts folded in, a delay of their group.
BatchJob fold(QueueNumber queue, std::vector<MessagePtr> messages);

/// After a restart: folds counts of receives that ended with the process.
BatchJob fold_recovered(QueueNumber queue, std::vector<ReceivedMessage> received);

/// Moves messages that are still there to a dead-letter queue, where they tell how they died.
BatchJob bury(QueueNumber from, QueueNumber to, std::vector<MessagePtr> messages);

/// Moves a message to the due range.
BatchJob delay(QueueNumber queue, MessagePtr message, base::Instant due);

/// Sends what is due, at most kDueAtOnce; `more` says that there is more.
inline constexpr std::size_t kDueAtOnce = 256;
BatchJob fire_due(std::shared_ptr<bool> more);

/// Drops messages that are still there, and counts them.
BatchJob drop_expired(QueueNumber queue, std::vector<MessagePtr> messages, platform::CounterMetric& pruned);

/// Stores the queue's spec and whether it is paused. A new queue gets its number in `queue`.
BatchJob store_queue(std::shared_ptr<StoredQueue> queue);

/// The same for a queue that is there, in one step with a commit; nothing when that is a conflict.
struct StoreWith {
  std::shared_ptr<StoredQueue> queue;
  platform::Commit with;
  platform::CommitOutcome outcome;  // result
};
BatchJob store_queue(std::shared_ptr<StoreWith> step);

}  // namespace ow::engine
