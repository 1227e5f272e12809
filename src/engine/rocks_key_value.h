// KeyValue on RocksDB 7.8 (inside rocks_key_value.cpp only). WAL recovery kTolerateCorruptedTailRecords, no
// log recycling, total WAL at most bounds::kWalBytesMax. Commit lane and read lane; reads also elsewhere.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/instant.h"
#include "base/result.h"
#include "platform/key_value.h"

namespace ow::engine {

struct RocksOptions {
  std::string directory;
  std::size_t block_cache_bytes = 16 << 20;
  std::size_t write_buffer_bytes = 16 << 20;
  /// Asked at compaction: true drops the pair (expired). Must be cheap and pure but for reading a clock.
  std::function<bool(std::string_view key, std::string_view value)> expired = {};
};

/// Opens or makes the store. Errors name file and cause: unavailable (directory in use or not writable),
/// internal (damage, with file and offset where known), unsupported (made by a newer format).
base::Result<std::unique_ptr<platform::KeyValue>> open_rocks(RocksOptions options);

}  // namespace ow::engine
