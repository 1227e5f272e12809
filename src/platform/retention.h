// Port: what a store does about things that are old, and looking at everything it holds. Loop thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "base/json.h"
#include "base/result.h"
#include "base/task.h"

namespace ow::platform {

struct PrunedEvents {
  std::uint64_t events = 0;
  /// When the oldest commit that is kept was made; nothing when the log is empty.
  std::optional<base::Instant> oldest;
  /// There was more to drop.
  bool more = false;
};

/// One thing of the store. `kind` is record, counter, event, queue, message or timer.
struct StoredThing {
  std::string kind;
  std::string record_kind;  // record: its kind
  base::Instant since;      // event, message: when it was made
  bool expired = false;     // invisible, not yet dropped
  base::Json json;          // docs/export.md
  /// Record, message: when it becomes invisible; nothing: never.
  std::optional<base::Instant> expires = std::nullopt;
};

struct StoredPage {
  std::vector<StoredThing> things;
  std::string next_cursor;  // empty: no more
};

class Retention {
 public:
  virtual ~Retention() = default;

  /// Drops events committed before `before` from the old end of the log, a bounded piece a call. Numbers within
  /// subjects go on without a gap. An event that a queued message still refers to stays, with all behind it.
  virtual base::Task<base::Result<PrunedEvents>> prune_events(base::Instant before) = 0;

  /// Everything that is stored, in a fixed order, at most `limit` a page. Pages are no snapshot. Error
  /// malformed on a cursor that this store did not make.
  virtual base::Task<base::Result<StoredPage>> browse(std::string cursor, std::size_t limit) = 0;
};

}  // namespace ow::platform
