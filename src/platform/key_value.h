// Port: an ordered, durable map of bytes under the embedded engine. Calls block: commit lane and read lane
// only (reads that stay in memory may run on the loop). After a crash a prefix of the appends survives, at
// least up to the last synced position.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ow::platform {

/// Appended batches counted from 1; monotonic within one open.
using LogPosition = std::uint64_t;

struct KeyRange {
  std::string from;  // inclusive
  std::string to;    // exclusive; empty: to the end
};

struct Change {
  std::string key;
  std::optional<std::string> value;  // nothing erases
};

enum class ScanOrder : std::uint8_t { ascending, descending };

/// Where a read may look.
enum class ReadTier : std::uint8_t { memory_only, any };

class KeyValueView {
 public:
  virtual ~KeyValueView() = default;
  /// Calls `visit` for each pair in range and order until it returns false. Error internal on damage,
  /// naming the file where known; error unavailable when `tier` did not suffice.
  virtual base::Result<void> scan(const KeyRange& range, ScanOrder order,
                                  const std::function<bool(std::string_view key, std::string_view value)>& visit,
                                  ReadTier tier = ReadTier::any) const = 0;
};

class KeyValue {
 public:
  virtual ~KeyValue() = default;

  /// One answer per key, in order; nothing when absent. Error unavailable when `tier` did not suffice.
  virtual base::Result<std::vector<std::optional<std::string>>> get(const std::vector<std::string>& keys,
                                                                    ReadTier tier = ReadTier::any) const = 0;

  /// A consistent view of everything appended so far. Bounded life: hold it for one page, not longer.
  virtual std::unique_ptr<KeyValueView> view() const = 0;

  /// Applies the batch atomically, visible to readers of this object, not yet durable. Error storage_full:
  /// nothing applied and later appends may succeed. Any other error: the object is dead, see sync().
  virtual base::Result<LogPosition> append(const std::vector<Change>& batch) = 0;

  /// Makes everything up to `position` durable. An error is final: what is on disk is unknown, every later
  /// call fails; only a new open can tell (fail-stop). Error storage_full is as final.
  virtual base::Result<void> sync(LogPosition position) = 0;

  /// A complete copy as of now in a new directory, openable by itself.
  virtual base::Result<void> checkpoint(const std::string& directory) = 0;

  /// Erases a whole range; cheap, not atomic with any batch, durable with the next sync.
  virtual base::Result<void> erase_range(const KeyRange& range) = 0;
};

}  // namespace ow::platform
