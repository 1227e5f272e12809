// Port: what an operator does with queues. What an engine cannot do answers `unsupported` by name.
// Loop thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "platform/queues.h"

namespace ow::platform {

struct QueueStatus {
  QueueSpec spec;
  bool paused = false;
  std::uint64_t ready = 0;      // could be received now
  std::uint64_t in_flight = 0;  // received, visibility not yet over
  std::uint64_t delayed = 0;    // not due, or behind a blocked group's head
  /// Age of the oldest message that is not in flight, since it was sent; nothing when there is none.
  std::optional<base::Duration> oldest_age;
};

struct QueuedMessage {
  Delivery message;     // receipt empty
  std::string state;    // "ready", "in_flight", "delayed"
  std::string failure;  // dead-letter queue: why the last attempt failed, when known
};

struct MessageFilter {
  std::string id = {};        // exact
  std::string group = {};     // exact
  std::string body_has = {};  // substring
  std::size_t limit = 50;
  std::string cursor = {};
};

struct MessagePage {
  std::vector<QueuedMessage> messages;
  std::string next_cursor;
};

class QueueAdmin {
 public:
  virtual ~QueueAdmin() = default;

  /// Makes the queue and its dead-letter queue, or confirms they are of that kind: error conflict otherwise.
  virtual base::Task<base::Result<void>> declare(QueueSpec spec) = 0;
  virtual base::Task<base::Result<std::vector<QueueStatus>>> list() = 0;
  /// Looks without receiving; a filter with nothing set lists all. In order of sending.
  virtual base::Task<base::Result<MessagePage>> inspect(std::string queue, MessageFilter filter) = 0;
  /// Moves matching messages of a dead-letter queue back with a receive count of 0; how many.
  virtual base::Task<base::Result<std::uint64_t>> redrive(std::string dead_letter_queue,
                                                          MessageFilter filter) = 0;
  /// Paused: nothing is received; sending goes on. Survives a restart.
  virtual base::Task<base::Result<void>> pause(std::string queue, bool paused) = 0;
  /// Drops every message of the queue; how many.
  virtual base::Task<base::Result<std::uint64_t>> purge(std::string queue) = 0;
};

}  // namespace ow::platform
