// See tuning.h.
#include "engine/rocks/tuning.h"

#include <rocksdb/cache.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include <memory>

#include <fmt/format.h>

#include "base/bounds.h"

namespace ow::engine {

using base::ErrorCode;

namespace {

// Two memtables being written out and one being filled stay below the bound on the logs behind them.
constexpr int kWriteBuffers = 3;

// The kind of a key and the beginning of its partition (layout.h).
constexpr std::size_t kKindBytes = 4;

/// Leaves recovery from a full disk to resume(), so that it happens between two calls and not beside them.
class NoOwnRecovery final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

rocksdb::BlockBasedTableOptions table_options(const RocksOptions& options) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.whole_key_filtering = true;
  // Indexes and filters live in the cache, in parts, so that memory stays bounded however large the store is.
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.format_version = 5;
  return table;
}

void set_log(rocksdb::Options& rocks) {
  rocks.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  rocks.recycle_log_file_num = 0;
  rocks.max_total_wal_size = base::bounds::kWalBytesMax;
  rocks.max_manifest_file_size = 8 << 20;
  rocks.paranoid_checks = true;
  rocks.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
}

void set_memory_and_work(rocksdb::Options& rocks, const RocksOptions& options) {
  rocks.write_buffer_size = options.write_buffer_bytes;
  rocks.max_write_buffer_number = kWriteBuffers;
  rocks.max_background_jobs = 2;
  rocks.max_subcompactions = 1;
  rocks.delayed_write_rate = 64 << 20;
  rocks.level_compaction_dynamic_level_bytes = true;
  rocks.level0_file_num_compaction_trigger = kFirstLevelTables;
  rocks.target_file_size_base = 32 << 20;
  rocks.max_open_files = 256;
  rocks.compression_per_level = {rocksdb::kNoCompression, rocksdb::kNoCompression, rocksdb::kLZ4Compression};
  rocks.allow_concurrent_memtable_write = false;  // one writer
  // Keys of one kind mostly ascend (ids and numbers do), so each kind's next insert begins where its last ended.
  rocks.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(kKindBytes));
  // Most conditions say `absent`: a filter answers them without a walk down the memtable.
  rocks.memtable_whole_key_filtering = true;
  rocks.memtable_prefix_bloom_size_ratio = 0.05;
  rocks.skip_stats_update_on_db_open = true;
  rocks.stats_dump_period_sec = 0;
  rocks.stats_persist_period_sec = 0;
  rocks.info_log_level = rocksdb::WARN_LEVEL;
  rocks.max_log_file_size = 1 << 20;
  rocks.keep_log_file_num = 2;
}

}  // namespace

base::Error error_of(const rocksdb::Status& status) {
  if (status.IsNoSpace()) return {ErrorCode::storage_full, "storage_full", "The disk is full."};
  if (status.IsIncomplete()) return {ErrorCode::unavailable, "not_in_memory", "The data is not in memory."};
  if (status.IsCorruption()) {
    return {ErrorCode::internal, "storage_damaged", fmt::format("Damage: {}.", status.ToString())};
  }
  return {ErrorCode::internal, "storage_failed", fmt::format("The store failed: {}.", status.ToString())};
}

rocksdb::Options rocks_options(const RocksOptions& options, const rocksdb::CompactionFilter* filter) {
  rocksdb::Options rocks;
  set_log(rocks);
  set_memory_and_work(rocks, options);
  rocks.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options(options)));
  rocks.compaction_filter = filter;
  rocks.listeners.push_back(std::make_shared<NoOwnRecovery>());
  return rocks;
}

rocksdb::Options young_table_options(rocksdb::Options options) {
  // The writer would compress as the last level does; this is the first.
  options.compression_per_level.clear();
  options.compression = rocksdb::kNoCompression;
  options.bottommost_compression = rocksdb::kDisableCompressionOption;
  // They are small and asked for every new key: index and filter in one piece each take one step less.
  auto table = *options.table_factory->GetOptions<rocksdb::BlockBasedTableOptions>();
  table.index_type = rocksdb::BlockBasedTableOptions::kBinarySearch;
  table.partition_filters = false;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

}  // namespace ow::engine
