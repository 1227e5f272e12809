// KeyValue on RocksDB 7.8 (seen in src/engine/rocks only). WAL recovery kTolerateCorruptedTailRecords, no log
// recycling, total WAL at most bounds::kWalBytesMax. Appends, syncs and erase_range from one thread at a time
// (the commit lane); reads and views from any thread.
//
// What an open promises about what it finds: every append that was followed by a synced one, and every intact
// one, is there. An incomplete last group of the log, as a power cut leaves it, is cut off with a notice. All
// other damage refuses to open and names file and offset: in logs and manifest always, in table files when
// they hold at most `verify_bytes_max` together; beyond that, and later, a read that meets it says so.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/result.h"
#include "engine/journal/journaled_key_value.h"
#include "platform/key_value.h"

namespace ow::engine {

struct RocksOptions {
  std::string directory;
  std::size_t block_cache_bytes = 16 << 20;
  std::size_t write_buffer_bytes = 16 << 20;
  /// Asked at compaction: true drops the pair (expired). Must be cheap and pure but for reading a clock;
  /// called on RocksDB's own threads.
  std::function<bool(std::string_view key, std::string_view value)> expired = {};
  /// Told during the open about what was dropped, one sentence each.
  std::function<void(std::string_view sentence)> notice = {};
  /// Table files of at most this many bytes together are read and checked before the open succeeds.
  std::uint64_t verify_bytes_max = 64 << 20;
  /// Appends answer storage_full while the disk has less than this free, so that what was taken can still be
  /// written out; erasing goes on.
  std::uint64_t reserve_bytes = 64 << 20;
  /// Free bytes of the disk; the file system is asked when unset.
  std::function<std::uint64_t()> free_bytes = {};
};

/// Opens or makes a store that is RocksDB alone, with its own log. Errors name file and cause: unavailable
/// (directory in use or not writable), internal (damage, with file and offset where known), unsupported (made by
/// a newer format), storage_full (no room to recover).
base::Result<std::unique_ptr<platform::KeyValue>> open_rocks(RocksOptions options);

/// Opens or makes a store that has RocksDB's tables below a journal, as production has it; a store that is
/// RocksDB alone becomes one. `disk` is that of the directory's journal. Errors as above.
base::Result<std::unique_ptr<platform::KeyValue>> open_journaled_rocks(RocksOptions options,
                                                                       std::unique_ptr<platform::LogDisk> disk,
                                                                       JournalOptions journal);

}  // namespace ow::engine
