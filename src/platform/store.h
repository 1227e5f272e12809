// Port: records, counters and the one way to change them. Loop thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "platform/commit.h"

namespace ow::platform {

/// Which part of a commit did not hold.
struct Conflict {
  enum class Part : std::uint8_t { record, counter, ack };
  Part part = Part::record;
  Key key;            // record or counter; for an ack (queue, message id)
  std::string field;  // counter: the field that held too little
  bool operator==(const Conflict&) const = default;
};

struct CommitOutcome {
  enum class Kind : std::uint8_t {
    committed,
    conflict,   // nothing changed; run the handler again on fresh state
    contended,  // nothing changed; the store already retried within its bound
    unknown,    // cannot be told even by reading back; treat as a time-out
  };
  Kind kind = Kind::committed;
  Conflict conflict = {};

  bool committed() const { return kind == Kind::committed; }
};

/// A counter's fields; fields never named are 0.
using Counter = std::map<std::string, std::int64_t>;

/// A record as it was read: shared with the store that keeps it in memory, so reading copies nothing. Null: absent.
using RecordPtr = std::shared_ptr<const Record>;

struct Query {
  /// Empty: the table itself (sort = Key::sort); else the index of that name.
  std::string index;
  std::string partition;
  /// Half-open range of sort; empty `to` means no upper bound.
  std::string from = {};
  std::string to = {};
  bool descending = false;
  std::size_t limit = 50;
  /// From an earlier page of the same query; opaque to the caller.
  std::string cursor = {};
};

struct Page {
  std::vector<Record> records;
  std::string next_cursor;  // empty: no more
};

class Store {
 public:
  virtual ~Store() = default;

  /// One answer per key, in order; null for absent or expired.
  virtual base::Task<base::Result<std::vector<RecordPtr>>> get(std::vector<Key> keys) = 0;

  /// One answer per key, in order; nothing when never supplied.
  virtual base::Task<base::Result<std::vector<std::optional<Counter>>>> counters(std::vector<Key> keys) = 0;

  /// A page of live records. Pages are no snapshot and indexes may lag: never the basis of a commit.
  /// Error malformed on a cursor that this store did not make for this query.
  virtual base::Task<base::Result<Page>> query(Query query) = 0;

  /// Makes the step durable, all or nothing; answers after it is. An Error means nothing changed:
  /// malformed (Commit::problem), storage_full, unavailable (shutting down, too many waiting).
  virtual base::Task<base::Result<CommitOutcome>> commit(Commit commit) = 0;
};

/// get() of one key; null for absent or expired.
base::Task<base::Result<RecordPtr>> get_one(Store& store, Key key);

}  // namespace ow::platform
