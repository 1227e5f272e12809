// Port: queues. Messages enter only through a Commit and leave only through an ack in a Commit; this port
// receives. A receive hides a message for its visibility timeout, which is a hint, not a lock: the ack
// decides. Loop thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bounds.h"
#include "base/ids.h"
#include "base/instant.h"
#include "base/result.h"
#include "base/task.h"

namespace ow::platform {

/// How a queue hands out messages, fixed when it is made.
enum class QueueKind : std::uint8_t {
  ordered,  // by group: one message of a group in flight, in order of sending; no delayed sends
  fair,     // by owner: no order, an owner with much in flight waits behind quiet ones
};

struct QueueSpec {
  std::string name;
  QueueKind kind = QueueKind::fair;
  base::Duration visibility = base::bounds::kVisibilityDefault;
  /// Received this often without an ack, a message moves to the queue `<name>.dlq`, kept 14 days with how
  /// it died (QueuedMessage::death).
  int receive_limit = base::bounds::kReceiveLimitDefault;
};

struct Delivery {
  std::string queue;
  base::MessageId id;
  std::string group;
  std::string body;
  std::string traceparent;
  base::Instant sent;
  int receive_count = 1;
  std::string receipt;  // for Commit::ack, extend, release; valid for this receive only
  /// Why the attempt before this one failed, when known. Who releases it sets it: why this one did.
  std::string error = {};
};

struct ReceiveRequest {
  std::string queue;
  std::size_t batch_max = base::bounds::kReceiveBatchMax;
  /// Waits this long for a first message; returns early when the executor stops.
  base::Duration wait = {};
};

class Queues {
 public:
  virtual ~Queues() = default;

  /// Up to `batch_max` messages, empty after `wait`. Error not_found for a queue nobody declared.
  virtual base::Task<base::Result<std::vector<Delivery>>> receive(ReceiveRequest request) = 0;

  /// Hides the message for `visibility` from now on. Error conflict when the receipt is no longer current.
  virtual base::Task<base::Result<void>> extend(Delivery delivery, base::Duration visibility) = 0;

  /// Gives the message back, visible again after `delay`; in an ordered queue the delay blocks its group.
  virtual base::Task<base::Result<void>> release(Delivery delivery, base::Duration delay) = 0;
};

}  // namespace ow::platform
