// Port: the log of events. An event exists exactly when its commit does. Loop thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/instant.h"
#include "base/result.h"
#include "base/task.h"

namespace ow::platform {

/// A stored event: a CloudEvent (v1.0) with its number within the subject.
struct Event {
  base::EventId id;
  std::string subject;
  std::uint64_t number = 0;  // 1, 2, 3 … within the subject, no gaps
  std::string type;
  std::string source;
  std::string data;  // JSON object text
  base::Instant time;
  std::string traceparent;
  std::string cursor;  // position in the log over all subjects; opaque
};

struct EventPage {
  std::vector<Event> events;
  /// Continues behind the last event, or stays at the settled mark: following forward never skips a slow
  /// commit. Never empty.
  std::string next_cursor;
};

class EventLog {
 public:
  virtual ~EventLog() = default;

  /// Events of one subject with number > `after`, ascending.
  virtual base::Task<base::Result<std::vector<Event>>> by_subject(std::string subject, std::uint64_t after,
                                                                  std::size_t limit) = 0;
  /// Events over all subjects behind the cursor, in log order. Empty cursor: from the beginning. Error
  /// malformed for a cursor that is not of this log.
  virtual base::Task<base::Result<EventPage>> after(std::string cursor, std::size_t limit) = 0;
  /// The newest events over all subjects, newest first.
  virtual base::Task<base::Result<EventPage>> newest(std::size_t limit) = 0;
  /// Events over all subjects before the cursor's, newest first; `next_cursor` goes further back. Error malformed as
  /// above.
  virtual base::Task<base::Result<EventPage>> before(std::string cursor, std::size_t limit) = 0;
  /// Cursor just before the first event at or after `time`.
  virtual base::Task<base::Result<std::string>> cursor_at(base::Instant time) = 0;
};

}  // namespace ow::platform
