// What lies below the journal: the sorted tables that hold everything up to some record of it. Reads and views
// from any thread; absorb() and checkpoint() from one at a time.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/key_value.h"

namespace ow::engine {

/// A key with its last value; nothing erases. The bytes belong to the caller.
struct TableChange {
  std::string_view key;
  std::optional<std::string_view> value;
};

class Tables {
 public:
  virtual ~Tables() = default;

  virtual base::Result<std::vector<std::optional<std::string>>> get(const std::vector<std::string>& keys,
                                                                    platform::ReadTier tier) const = 0;
  virtual std::unique_ptr<platform::KeyValueView> view() const = 0;

  /// Erases the ranges, then takes all changes at once; durable before it returns. `changes` ascend by key,
  /// each key once. After an error or a crash some ranges may be erased and no change is there. Error
  /// storage_full: later calls may succeed; any other is final.
  virtual base::Result<void> absorb(const std::vector<platform::KeyRange>& erased,
                                    std::span<const TableChange> changes) = 0;

  /// As KeyValue::checkpoint().
  virtual base::Result<void> checkpoint(const std::string& directory) = 0;
};

}  // namespace ow::engine
