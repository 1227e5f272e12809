// How many messages a queue holds and since when the oldest waits, kept by counting: the store is counted
// once, in the background; what batches change is added, told apart by the number of the batch. Loop thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "base/instant.h"

namespace ow::engine {

/// Messages by the second in which they were sent.
class SecondCounts {
 public:
  void add(base::Instant sent, std::int64_t count);
  std::int64_t total() const { return total_; }
  const std::map<std::int64_t, std::int64_t>& by_second() const { return by_second_; }
  void add(const SecondCounts& other);

 private:
  std::map<std::int64_t, std::int64_t> by_second_;  // no zeros
  std::int64_t total_ = 0;
};

class Census {
 public:
  /// From now on changes of batches behind `epoch` are kept, for the count that a view of it will give. Gives
  /// the number of the count: only the last one begun is finished.
  std::uint64_t begin(std::uint64_t epoch);
  void finish(std::uint64_t count, const SecondCounts& counted, std::int64_t delayed,
              const SecondCounts& retrying = {});
  void give_up(std::uint64_t count);
  /// Knows nothing again, but for what is in flight.
  void forget();
  bool counting() const { return counting_; }
  /// False until the first count: the numbers below are not known.
  bool complete() const { return complete_; }

  /// One more or less of that instant.
  void changed(std::uint64_t epoch, base::Instant at, std::int64_t change);
  /// One more or less that waits to become due; `retried`: when it was sent, unless it was never received.
  void delayed(std::uint64_t epoch, base::Instant retried, std::int64_t change);
  void in_flight(base::Instant sent, std::int64_t change) { in_flight_.add(sent, change); }

  std::uint64_t messages() const { return positive(stored_.total()); }
  std::uint64_t in_flight() const { return positive(in_flight_.total()); }
  std::uint64_t delayed() const { return positive(delayed_); }
  /// Start of the second in which the oldest message was sent that is not in flight; those that wait for a
  /// retry count, those whose first delay is not over do not.
  std::optional<base::Instant> oldest() const;

 private:
  std::optional<base::Instant> oldest_in_queue() const;
  static std::uint64_t positive(std::int64_t count) { return count > 0 ? static_cast<std::uint64_t>(count) : 0; }

  bool counting_ = false;
  bool complete_ = false;
  std::uint64_t count_ = 0;
  std::uint64_t from_epoch_ = 0;
  SecondCounts stored_;
  SecondCounts in_flight_;
  SecondCounts retrying_;
  std::int64_t delayed_ = 0;
};

}  // namespace ow::engine
