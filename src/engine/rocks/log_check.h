// Checks RocksDB's log files (write-ahead logs and manifest) before RocksDB reads them, since its own
// recovery skips a zeroed stretch and cannot tell a torn tail from a flipped bit. Runs before RocksDB opens
// the directory and while nobody else can. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ow::engine {

/// What every append carries in the log, unseen by readers of the store: the sequence up to which the log was
/// synced when it was written. A later record that vouches for a lost one proves damage.
std::string synced_mark(std::uint64_t sequence);

struct ManifestCheck {
  /// Logs with a lower number are written out to tables and only wait for their deletion.
  std::uint64_t first_log = 0;
};

/// Walks the manifest that CURRENT names. An incomplete tail is left to RocksDB, which drops it. Error
/// internal: damage, naming file and offset.
base::Result<ManifestCheck> check_manifest(const std::string& directory);

struct LogCheck {
  /// Sequence of the last record kept; 0 when the logs hold none.
  std::uint64_t last_sequence = 0;
};

/// Walks the write-ahead logs from `first_log` on. An incomplete tail that nothing vouches for is cut off,
/// the notice names file and offset. Error internal: damage, naming file and offset; nothing was changed.
base::Result<LogCheck> check_write_ahead_logs(const std::string& directory, std::uint64_t first_log,
                                              const std::function<void(std::string_view)>& notice);

}  // namespace ow::engine
