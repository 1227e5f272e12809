// How RocksDB is set up, and what its answers mean. Any thread.
#pragma once

#include <rocksdb/compaction_filter.h>
#include <rocksdb/options.h>
#include <rocksdb/slice.h>
#include <rocksdb/status.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "engine/rocks/key_value.h"

namespace ow::engine {

base::Error error_of(const rocksdb::Status& status);

inline rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
inline std::string_view text(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

/// Drops expired pairs when tables are rewritten.
class ExpiryFilter final : public rocksdb::CompactionFilter {
 public:
  using Expired = std::function<bool(std::string_view, std::string_view)>;
  explicit ExpiryFilter(Expired expired) : expired_(std::move(expired)) {}
  bool Filter(int, const rocksdb::Slice& key, const rocksdb::Slice& value, std::string*, bool*) const override {
    return expired_(text(key), text(value));
  }
  const char* Name() const override { return "expiry"; }

 private:
  Expired expired_;
};

/// Compaction begins at so many tables of the first level. A look-up asks the filter of each whose range holds the
/// key; each one more saves a part of the writing again.
inline constexpr int kFirstLevelTables = 12;

/// `filter`, when given, must outlive the store.
rocksdb::Options rocks_options(const RocksOptions& options, const rocksdb::CompactionFilter* filter);

/// For tables that are written beside the store whose options these are.
rocksdb::Options young_table_options(rocksdb::Options options);

}  // namespace ow::engine
