// What the queues change inside a batch: receive counts, moves to the dead-letter queue and the due range,
// firing what is due. Each makes a job for Committer::run(); the job runs on the commit lane and owns what it
// needs, results included.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/committer.h"
#include "engine/stored.h"

namespace ow::engine {

/// One receive: writes its counts, and finds out which messages are still there.
struct HandOut {
  QueueNumber queue = 0;
  std::uint32_t slot = 0;
  std::vector<MessagePtr> messages;
  std::vector<bool> alive;  // result, one a message
};
BatchJob hand_out(std::shared_ptr<HandOut> receive);

/// Writes messages that are still there again as given: receive counts folded in, a delay of their group.
BatchJob fold(QueueNumber queue, std::vector<MessagePtr> messages);

/// After a restart: folds counts of receives that ended with the process.
BatchJob fold_recovered(QueueNumber queue, std::vector<ReceivedMessage> received);

/// Moves messages that are still there to another queue under the same ids, with a receive count of 0.
struct Move {
  QueueNumber from = 0;
  QueueNumber to = 0;
  std::optional<base::Duration> kept = std::nullopt;
  std::string failure = {};
  std::vector<MessagePtr> messages;
  std::uint64_t moved = 0;  // result
};
BatchJob move(std::shared_ptr<Move> moving);

/// Moves a message to the due range.
BatchJob delay(QueueNumber queue, MessagePtr message, base::Instant due);

/// Sends what is due, at most kDueAtOnce; `more` says that there is more.
inline constexpr std::size_t kDueAtOnce = 256;
BatchJob fire_due(std::shared_ptr<bool> more);

/// Drops messages that are still there.
BatchJob drop(QueueNumber queue, std::vector<MessagePtr> messages);

/// Drops all messages of the queue up to now, and those of it in the due range that `delayed` names.
BatchJob purge(StoredQueue queue, std::vector<std::string> delayed_keys);

/// Stores the queue's spec and whether it is paused. A new queue gets its number in `queue`.
BatchJob store_queue(std::shared_ptr<StoredQueue> queue);

}  // namespace ow::engine
