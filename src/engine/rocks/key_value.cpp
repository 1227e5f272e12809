// See key_value.h.
#include "engine/rocks/key_value.h"

#include <rocksdb/db.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "engine/failure.h"
#include "engine/rocks/directory.h"
#include "engine/rocks/log_check.h"
#include "engine/rocks/table_file.h"
#include "engine/rocks/tuning.h"

namespace ow::engine {

using base::ErrorCode;
using base::fail;
using base::Result;
using platform::Change;
using platform::KeyRange;
using platform::LogPosition;
using platform::ReadTier;
using platform::ScanOrder;

namespace {

namespace fs = std::filesystem;

// Room in a WriteBatch beside keys and values: its header and marks; tag and lengths of a change.
constexpr std::size_t kBatchOverhead = 64;
constexpr std::size_t kChangeOverhead = 11;

rocksdb::ReadOptions read_options(ReadTier tier) {
  rocksdb::ReadOptions read;
  read.read_tier = tier == ReadTier::memory_only ? rocksdb::kBlockCacheTier : rocksdb::kReadAllTier;
  return read;
}

class RocksView final : public platform::KeyValueView {
 public:
  RocksView(rocksdb::DB& db, const Failure& failure) : db_(db), failure_(failure), snapshot_(db.GetSnapshot()) {}
  RocksView(const RocksView&) = delete;
  RocksView& operator=(const RocksView&) = delete;
  ~RocksView() override { db_.ReleaseSnapshot(snapshot_); }

  Result<void> scan(const KeyRange& range, ScanOrder order,
                    const std::function<bool(std::string_view, std::string_view)>& visit,
                    ReadTier tier) const override {
    if (auto error = failure_.error()) return fail(*error);
    if (!range.to.empty() && range.to <= range.from) return {};
    // An iterator of 7.8 that may not look at the disk passes over tables that are not open, and its status is good.
    if (tier == ReadTier::memory_only) return fail(error_of(rocksdb::Status::Incomplete()));
    rocksdb::ReadOptions read = read_options(tier);
    read.snapshot = snapshot_;
    const rocksdb::Slice from = slice(range.from);
    const rocksdb::Slice to = slice(range.to);
    read.iterate_lower_bound = &from;
    if (!range.to.empty()) read.iterate_upper_bound = &to;
    const std::unique_ptr<rocksdb::Iterator> pairs(db_.NewIterator(read));
    const bool ascending = order == ScanOrder::ascending;
    for (ascending ? pairs->SeekToFirst() : pairs->SeekToLast(); pairs->Valid();
         ascending ? pairs->Next() : pairs->Prev()) {
      if (!visit(text(pairs->key()), text(pairs->value()))) return {};
    }
    if (!pairs->status().ok()) return fail(error_of(pairs->status()));
    return {};
  }

 private:
  rocksdb::DB& db_;
  const Failure& failure_;
  const rocksdb::Snapshot* snapshot_;
};

class RocksKeyValue final : public platform::KeyValue, public Tables {
 public:
  RocksKeyValue(RocksOptions options, DirectoryLock lock)
      : options_(std::move(options)), lock_(std::move(lock)), filter_(options_.expired) {}
  ~RocksKeyValue() override {
    if (db_) static_cast<void>(db_->Close());
  }

  /// Tells what format the directory had.
  Result<DirectoryFormat> open(DirectoryFormat newest);
  /// Error storage_full while the disk has less free than the reserve.
  Result<void> may_grow() const;

  Result<std::vector<std::optional<std::string>>> get(const std::vector<std::string>& keys,
                                                      ReadTier tier) const override;
  std::unique_ptr<platform::KeyValueView> view() const override { return std::make_unique<RocksView>(*db_, failure_); }
  Result<LogPosition> append(const std::vector<Change>& batch) override;
  Result<void> sync(LogPosition position) override;
  Result<void> checkpoint(const std::string& directory) override;
  Result<void> erase_range(const KeyRange& range) override;
  Result<void> absorb(const std::vector<KeyRange>& erased, std::span<const TableChange> changes) override;

 private:
  Result<void> open_rocksdb(DirectoryFormat format, std::uint64_t last_sequence);
  std::optional<KeyRange> bounded(const KeyRange& range) const;
  Result<void> judge(const rocksdb::Status& status);
  rocksdb::Status erase_below(const std::vector<KeyRange>& erased);
  Result<void> verify_tables() const;
  void read(const std::vector<std::string>& keys, ReadTier tier, std::vector<rocksdb::PinnableSlice>& found,
            std::vector<rocksdb::Status>& statuses) const;
  rocksdb::WriteBatch new_batch(std::size_t bytes) const;
  Result<void> write(rocksdb::WriteBatch batch);
  Result<void> make_room(bool only_erases);
  Result<void> resume();
  std::uint64_t free_bytes() const;
  std::optional<std::string> last_key() const;

  RocksOptions options_;
  DirectoryLock lock_;
  ExpiryFilter filter_;
  std::unique_ptr<rocksdb::DB> db_;
  Failure failure_;
  LogPosition appended_ = 0;
  LogPosition synced_ = 0;
  std::uint64_t synced_sequence_ = 0;
  bool unsynced_ = false;
  bool was_full_ = false;  // RocksDB refuses writes until it is resumed
};

Result<DirectoryFormat> RocksKeyValue::open(DirectoryFormat newest) {
  const auto format = read_format(options_.directory, newest);
  if (!format) return format;
  std::uint64_t last_sequence = 0;
  if (fs::exists(fs::path(options_.directory) / "CURRENT")) {
    const auto manifest = check_manifest(options_.directory);
    if (!manifest) return fail(manifest.error());
    const auto logs = check_write_ahead_logs(options_.directory, manifest->first_log, options_.notice);
    if (!logs) return fail(logs.error());
    last_sequence = logs->last_sequence;
  }
  if (auto opened = open_rocksdb(*format, last_sequence); !opened) return fail(opened.error());
  return format;
}

Result<void> RocksKeyValue::open_rocksdb(DirectoryFormat format, std::uint64_t last_sequence) {
  auto rocks = rocks_options(options_, options_.expired ? &filter_ : nullptr);
  rocks.create_if_missing = format == DirectoryFormat::none;
  remove_drafts(options_.directory);
  rocksdb::DB* db = nullptr;
  if (const auto status = rocksdb::DB::Open(rocks, options_.directory, &db); !status.ok()) {
    return fail(error_of(status));
  }
  db_.reset(db);
  if (db_->GetLatestSequenceNumber() < last_sequence) {
    return fail(ErrorCode::internal, "storage_damaged",
                fmt::format("Recovery of {} ended at {} of {} log entries.", options_.directory,
                            db_->GetLatestSequenceNumber(), last_sequence));
  }
  synced_sequence_ = db_->GetLatestSequenceNumber();
  if (auto verified = verify_tables(); !verified) return verified;
  if (format == DirectoryFormat::none && last_key()) {
    return fail(ErrorCode::internal, "storage_damaged",
                fmt::format("The file {} is missing.", (fs::path(options_.directory) / "FORMAT").string()));
  }
  return {};
}

Result<void> RocksKeyValue::verify_tables() const {
  std::vector<rocksdb::LiveFileMetaData> tables;
  db_->GetLiveFilesMetaData(&tables);
  std::uint64_t bytes = 0;
  for (const auto& table : tables) bytes += table.size;
  if (bytes > options_.verify_bytes_max) return {};
  // Blocks first, they name the offset; then whole files, of which no byte is left out.
  rocksdb::Status status = db_->VerifyChecksum(rocksdb::ReadOptions());
  if (status.ok()) status = db_->VerifyFileChecksums(rocksdb::ReadOptions());
  if (status.ok()) return {};
  return fail(error_of(status));
}

Result<std::vector<std::optional<std::string>>> RocksKeyValue::get(const std::vector<std::string>& keys,
                                                                   ReadTier tier) const {
  if (auto error = failure_.error()) return fail(*error);
  std::vector<rocksdb::PinnableSlice> found(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  read(keys, tier, found, statuses);
  std::vector<std::optional<std::string>> values(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].ok()) {
      values[i] = found[i].ToString();
    } else if (!statuses[i].IsNotFound()) {
      return fail(error_of(statuses[i]));
    }
  }
  return values;
}

// Of a table that is not open, Get() of 7.8 answers without the disk that the key is there, with an empty value
// (TableCache::Get treats it as found). So an empty one says nothing.
void doubt_empty(const std::vector<rocksdb::PinnableSlice>& found, std::vector<rocksdb::Status>& statuses) {
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (statuses[i].ok() && found[i].empty()) statuses[i] = rocksdb::Status::Incomplete();
  }
}

void RocksKeyValue::read(const std::vector<std::string>& keys, ReadTier tier,
                         std::vector<rocksdb::PinnableSlice>& found, std::vector<rocksdb::Status>& statuses) const {
  const rocksdb::ReadOptions options = read_options(tier);
  auto* const family = db_->DefaultColumnFamily();
  // MultiGet of 7.8 goes to the disk whatever the tier says.
  if (keys.size() == 1 || tier == ReadTier::memory_only) {
    for (std::size_t i = 0; i < keys.size(); ++i) statuses[i] = db_->Get(options, family, keys[i], &found[i]);
    if (tier == ReadTier::memory_only) doubt_empty(found, statuses);
    return;
  }
  const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  db_->MultiGet(options, family, keys.size(), slices.data(), found.data(), statuses.data());
}

rocksdb::WriteBatch RocksKeyValue::new_batch(std::size_t bytes) const {
  rocksdb::WriteBatch batch(bytes);
  batch.PutLogData(synced_mark(synced_sequence_));
  return batch;
}

Result<LogPosition> RocksKeyValue::append(const std::vector<Change>& batch) {
  if (auto error = failure_.error()) return fail(*error);
  if (batch.empty()) return ++appended_;
  bool only_erases = true;
  std::size_t bytes = kBatchOverhead;
  for (const auto& change : batch) {
    bytes += kChangeOverhead + change.key.size() + (change.value ? change.value->size() : 0);
  }
  rocksdb::WriteBatch changes = new_batch(bytes);
  for (const auto& change : batch) {
    if (change.value) {
      changes.Put(change.key, *change.value);
      only_erases = false;
    } else {
      changes.Delete(change.key);
    }
  }
  if (auto room = make_room(only_erases); !room) return fail(room.error());
  if (auto written = write(std::move(changes)); !written) return fail(written.error());
  return ++appended_;
}

Result<void> RocksKeyValue::write(rocksdb::WriteBatch batch) {
  // Ends in a byte that is not zero, so that a missing last sector always shows.
  batch.PutLogData("|");
  const auto status = db_->Write(rocksdb::WriteOptions(), &batch);
  unsynced_ = unsynced_ || status.ok();
  return judge(status);
}

Result<void> RocksKeyValue::make_room(bool only_erases) {
  if (!only_erases) {
    if (auto grows = may_grow(); !grows) return grows;
  }
  return resume();
}

Result<void> RocksKeyValue::may_grow() const {
  if (free_bytes() >= options_.reserve_bytes) return {};
  return fail(
      ErrorCode::storage_full, "storage_full",
      fmt::format("The disk of {} has less than {} MiB free.", options_.directory, options_.reserve_bytes >> 20));
}

/// A write that found no space left its log useless: RocksDB writes the memtable out and begins a new log.
Result<void> RocksKeyValue::resume() {
  if (!was_full_) return {};
  const auto status = db_->Resume();
  if (status.ok()) {
    was_full_ = false;
    return {};
  }
  if (!status.IsNoSpace()) return fail(failure_.set(error_of(status)));
  return fail(error_of(status));
}

Result<void> RocksKeyValue::sync(LogPosition position) {
  if (auto error = failure_.error()) return fail(*error);
  if (position <= synced_ && !unsynced_) return {};
  if (auto resumed = resume(); !resumed) return fail(failure_.set(resumed.error()));
  if (unsynced_) {
    if (const auto status = db_->SyncWAL(); !status.ok()) return fail(failure_.set(error_of(status)));
  }
  unsynced_ = false;
  synced_ = appended_;
  synced_sequence_ = db_->GetLatestSequenceNumber();
  return {};
}

Result<void> RocksKeyValue::checkpoint(const std::string& directory) {
  if (auto error = failure_.error()) return fail(*error);
  if (fs::exists(directory)) {
    return fail(ErrorCode::conflict, "directory_exists", directory + " is there already.");
  }
  rocksdb::Checkpoint* made = nullptr;
  auto status = rocksdb::Checkpoint::Create(db_.get(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok()) status = checkpoint->CreateCheckpoint(directory);
  if (!status.ok()) return fail(error_of(status));
  return write_format(directory, DirectoryFormat::rocks);
}

Result<void> RocksKeyValue::erase_range(const KeyRange& range) {
  if (auto error = failure_.error()) return fail(*error);
  const auto keys = bounded(range);
  if (!keys) return {};
  rocksdb::WriteBatch changes = new_batch(kBatchOverhead + keys->from.size() + keys->to.size());
  changes.DeleteRange(keys->from, keys->to);
  if (auto room = make_room(true); !room) return room;
  return write(std::move(changes));
}

/// The range with an end; nothing when it is empty.
std::optional<KeyRange> RocksKeyValue::bounded(const KeyRange& range) const {
  KeyRange keys = range;
  if (keys.to.empty()) keys.to = last_key().value_or("") + '\0';
  return keys.to <= keys.from ? std::nullopt : std::optional(keys);
}

Result<void> RocksKeyValue::absorb(const std::vector<KeyRange>& erased, std::span<const TableChange> changes) {
  if (auto error = failure_.error()) return fail(*error);
  if (auto room = resume(); !room) return room;
  if (auto done = judge(erase_below(erased)); !done) return done;
  return judge(take_in(*db_, options_.directory, changes));
}

/// Ranges go before what comes with them, and are on the disk first: they bypass the log.
rocksdb::Status RocksKeyValue::erase_below(const std::vector<KeyRange>& erased) {
  rocksdb::WriteOptions unlogged;
  unlogged.disableWAL = true;
  bool any = false;
  for (const auto& range : erased) {
    const auto keys = bounded(range);
    if (!keys) continue;
    any = true;
    const auto status = db_->DeleteRange(unlogged, db_->DefaultColumnFamily(), keys->from, keys->to);
    if (!status.ok()) return status;
  }
  return any ? db_->Flush(rocksdb::FlushOptions()) : rocksdb::Status::OK();
}

Result<void> RocksKeyValue::judge(const rocksdb::Status& status) {
  if (status.ok()) return {};
  if (!status.IsNoSpace()) return fail(failure_.set(error_of(status)));
  was_full_ = true;
  return fail(error_of(status));
}

std::optional<std::string> RocksKeyValue::last_key() const {
  const std::unique_ptr<rocksdb::Iterator> pairs(db_->NewIterator(rocksdb::ReadOptions()));
  pairs->SeekToLast();
  if (!pairs->Valid()) return std::nullopt;
  return pairs->key().ToString();
}

std::uint64_t RocksKeyValue::free_bytes() const {
  if (options_.free_bytes) return options_.free_bytes();
  std::error_code error;
  const auto space = fs::space(options_.directory, error);
  return error ? options_.reserve_bytes : space.available;
}

}  // namespace

namespace {

/// The store, and what format its directory had.
Result<std::pair<std::unique_ptr<RocksKeyValue>, DirectoryFormat>> open_directory(RocksOptions options,
                                                                                  DirectoryFormat newest) {
  auto lock = DirectoryLock::take(options.directory);
  if (!lock) return fail(lock.error());
  auto store = std::make_unique<RocksKeyValue>(std::move(options), std::move(*lock));
  const auto format = store->open(newest);
  if (!format) return fail(format.error());
  return std::pair(std::move(store), *format);
}

}  // namespace

Result<std::unique_ptr<platform::KeyValue>> open_rocks(RocksOptions options) {
  const std::string directory = options.directory;
  auto opened = open_directory(std::move(options), DirectoryFormat::rocks);
  if (!opened) return fail(opened.error());
  if (opened->second == DirectoryFormat::none) {
    if (auto written = write_format(directory, DirectoryFormat::rocks); !written) return fail(written.error());
  }
  return std::move(opened->first);
}

Result<std::unique_ptr<platform::KeyValue>> open_journaled_rocks(RocksOptions options,
                                                                 std::unique_ptr<platform::LogDisk> disk,
                                                                 JournalOptions journal) {
  const std::string directory = options.directory;
  journal.expired = options.expired;
  journal.notice = options.notice;
  auto opened = open_directory(std::move(options), DirectoryFormat::journaled);
  if (!opened) return fail(opened.error());
  RocksKeyValue& tables = *opened->first;
  journal.may_grow = [&tables] { return tables.may_grow(); };
  if (opened->second != DirectoryFormat::journaled) {
    if (auto begun = begin_journal(*disk, tables, journal); !begun) return fail(begun.error());
    if (auto written = write_format(directory, DirectoryFormat::journaled); !written) return fail(written.error());
  }
  return open_journaled(std::move(disk), std::move(opened->first), std::move(journal));
}

}  // namespace ow::engine
