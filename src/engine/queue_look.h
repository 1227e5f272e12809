// Looks at the messages of a queue in the store without receiving them: in order of sending, or walking by
// group from where an earlier look ended. Loop thread; the scans may run on the read lane and touch only what
// they own.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "engine/reader.h"
#include "engine/stored.h"
#include "platform/queue_admin.h"

namespace ow::engine {

/// A message as a scan found it.
struct Seen {
  MessagePtr message;
  std::uint32_t received = 0;  // a receive that is under way included
  base::Instant due = {};      // set: waits in the due range
  std::string place;           // where a walk goes on behind it
};

/// Receive counts of what is in flight, as of the begin of the look.
using Flights = std::unordered_map<Sequence, std::uint32_t>;

class Look {
 public:
  struct Ports {
    Reader& reader;
    base::Instant now;
    std::uint64_t epoch = 1;
  };
  Look(Ports ports, QueueNumber queue, std::string name, platform::MessageFilter filter, Flights flights);

  /// Up to the filter's limit, bodies in place, and the cursor behind them. Error malformed: the cursor.
  base::Task<base::Result<std::vector<Seen>>> run();
  const std::string& next_cursor() const { return next_cursor_; }

 private:
  bool passes(const Seen& seen) const;
  bool waits_for_body(const Message& message) const;
  std::string cursor_at(std::string_view place) const;
  base::Result<std::string> place_of_cursor() const;

  base::Task<base::Result<void>> by_sending(std::string place);
  base::Task<base::Result<std::vector<Seen>>> first_behind(Sequence behind);
  base::Task<base::Result<void>> by_group(std::string place);
  base::Task<base::Result<std::vector<Seen>>> walk(std::string& place, std::size_t wanted);
  /// Fetches the bodies that repeat events, and keeps those that have the text, up to the limit.
  base::Task<base::Result<bool>> take(std::vector<Seen> seen);

  const Ports ports_;
  const QueueNumber queue_;
  const std::string name_;
  const platform::MessageFilter filter_;
  const Flights flights_;
  std::vector<Seen> taken_;
  std::size_t bytes_ = 0;
  std::string next_cursor_;
};

}  // namespace ow::engine
