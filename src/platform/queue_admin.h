// Port: what an operator does with queues. What leaves a queue leaves through a Commit: inspect() gives receipts
// that are good for Commit::ack, so a redrive is an ack and a send, a purge acks, each one step with the event
// that tells who did it. What an engine cannot do answers `unsupported` by name. Loop thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/commit.h"
#include "platform/queues.h"
#include "platform/store.h"

namespace ow::platform {

struct QueueStatus {
  QueueSpec spec;
  bool paused = false;
  std::uint64_t ready = 0;      // could be received now
  std::uint64_t in_flight = 0;  // received, visibility not yet over
  std::uint64_t delayed = 0;    // not due, or behind a blocked group's head
  /// Messages in its dead-letter queue; nothing for a dead-letter queue itself.
  std::optional<std::uint64_t> dead;
  /// Age of the oldest message that is not in flight, since it was sent, however often it was retried; those
  /// whose first delay is not over do not count. Nothing when there is none.
  std::optional<base::Duration> oldest_age;
};

/// How a message came to its dead-letter queue.
struct Death {
  std::string queue;  // where it was received
  std::string error;  // of the last attempt
  int receive_count = 0;
  base::Instant first_received;
  base::Instant last_received;
  base::Instant died;
};

struct QueuedMessage {
  /// The receipt is good for Commit::ack as long as the message stays where it is, in flight or not.
  Delivery message;
  std::string state;  // "ready", "in_flight", "delayed"
  std::optional<Death> death = std::nullopt;
  std::optional<base::Instant> expires = std::nullopt;
};

/// Nothing set lets all through.
struct MessageFilter {
  std::vector<std::string> ids = {};  // one of these, exactly
  std::string group = {};             // exactly
  std::string body_has = {};          // substring
  std::string error_has = {};         // substring
  std::optional<int> receives_min = std::nullopt;
  std::optional<int> receives_max = std::nullopt;
  std::optional<base::Instant> sent_before = std::nullopt;     // before, or then
  std::optional<base::Instant> sent_from = std::nullopt;       // after
  std::optional<base::Instant> entered_before = std::nullopt;  // in this queue; before, or then
  /// False: in order of sending, which costs a walk over the whole queue. True: by group, then those that are
  /// delayed, which costs what is looked at; what moves between the two while the walk goes on may be missed.
  bool by_group = false;
  std::size_t limit = 50;
  std::size_t bytes_max = SIZE_MAX;  // of the bodies of a page, but for its last one
  std::string cursor = {};
};

struct MessagePage {
  std::vector<QueuedMessage> messages;
  /// Set although the page is not full, or empty, when much had to be looked at; empty: no more.
  std::string next_cursor;
};

class QueueAdmin {
 public:
  virtual ~QueueAdmin() = default;

  /// Makes the queue and its dead-letter queue, or confirms they are of that kind: error conflict otherwise.
  virtual base::Task<base::Result<void>> declare(QueueSpec spec) = 0;
  virtual base::Task<base::Result<std::vector<QueueStatus>>> list() = 0;
  /// Looks without receiving. Error malformed on a cursor of another queue or filter.
  virtual base::Task<base::Result<MessagePage>> inspect(std::string queue, MessageFilter filter) = 0;
  /// Paused: nothing is received; sending goes on. Survives a restart. One step with `with`: when that is a
  /// conflict, nothing changed.
  virtual base::Task<base::Result<CommitOutcome>> pause(std::string queue, bool paused, Commit with) = 0;
};

}  // namespace ow::platform
