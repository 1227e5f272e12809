// See table_file.h.
#include "engine/rocks/table_file.h"

#include <rocksdb/sst_file_writer.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "engine/layout.h"
#include "engine/rocks/tuning.h"

namespace ow::engine {
namespace {

namespace fs = std::filesystem;

// Tables of the first level. Compaction begins at kFirstLevelTables (tuning.h); taking in does not wait by itself
// as writes do.
constexpr std::uint64_t kFirstLevelMax = 4 * kFirstLevelTables;
constexpr auto kCompactionPause = std::chrono::milliseconds(5);
constexpr int kCompactionPausesMax = 2000;

// What keys of one sort must bring together for a table of their own.
constexpr std::size_t kOwnTableBytes = 128 << 10;

// Erased keys that the look for a sort's last one passes at most.
constexpr std::uint64_t kErasedPassedMax = 10'000;

constexpr std::size_t kMessageSortBytes = sizeof layout::kMessage + sizeof(QueueNumber);

constexpr std::string_view kDraft = "absorbed";

/// Ascending changes that become one table.
using Section = std::span<const TableChange>;

void wait_for_compaction(rocksdb::DB& db) {
  std::uint64_t tables = 0;
  for (int pause = 0; pause < kCompactionPausesMax; ++pause) {
    db.GetIntProperty("rocksdb.num-files-at-level0", &tables);
    if (tables <= kFirstLevelMax) return;
    std::this_thread::sleep_for(kCompactionPause);
  }
}

/// What keys of one sort have in common: the kind and the first word of what follows, of messages their queue (layout.h).
std::string_view sort_of(std::string_view key) {
  if (key.starts_with(layout::kMessage)) return key.substr(0, kMessageSortBytes);
  const auto ends = [](char c) { return c < ' ' || c == '#' || c == '/' || c == '_'; };
  return key.substr(0, static_cast<std::size_t>(std::find_if(key.begin(), key.end(), ends) - key.begin()));
}

/// The changes at the beginning whose keys are of one sort.
Section first_sort(Section changes) {
  const auto sort = sort_of(changes.front().key);
  const auto other = std::ranges::find_if(changes, [sort](const auto& change) { return sort_of(change.key) != sort; });
  return {changes.begin(), other};
}

bool is_large(Section section) {
  std::size_t bytes = 0;
  for (const auto& change : section) bytes += change.key.size() + (change.value ? change.value->size() : 0);
  return bytes >= kOwnTableBytes;
}

/// Sorts of few keys share a table with their neighbours.
std::vector<Section> sections_of(Section changes) {
  std::vector<Section> sections;
  bool shared = false;
  while (!changes.empty()) {
    const auto sort = first_sort(changes);
    changes = changes.subspan(sort.size());
    const bool large = is_large(sort);
    if (shared && !large) {
      sections.back() = {sections.back().begin(), sort.end()};
    } else {
      sections.push_back(sort);
    }
    shared = !large;
  }
  return sections;
}

/// How many of the sort's changes have keys up to the last that the tables hold among them. None when that takes a long
/// look past what was erased.
std::size_t old_ones(rocksdb::DB& db, Section sort) {
  const rocksdb::Slice first = slice(sort.front().key);
  rocksdb::ReadOptions look;
  look.fill_cache = false;
  look.max_skippable_internal_keys = kErasedPassedMax;
  look.iterate_lower_bound = &first;
  const std::unique_ptr<rocksdb::Iterator> elders(db.NewIterator(look));
  elders->SeekForPrev(slice(sort.back().key));
  if (!elders->Valid()) return 0;
  const auto last = elders->key();
  const auto is_old = [last](const TableChange& change) { return slice(change.key).compare(last) <= 0; };
  return static_cast<std::size_t>(std::ranges::partition_point(sort, is_old) - sort.begin());
}

/// Changes of what is old go apart from what is new: in one table with them, the new keys would overlap their elders, and
/// compaction would write all of those again.
std::vector<Section> without_overlap(rocksdb::DB& db, std::vector<Section> sections) {
  std::vector<Section> apart;
  for (const auto& section : sections) {
    const bool one_sort = sort_of(section.front().key) == sort_of(section.back().key);
    const auto old = one_sort && is_large(section) ? old_ones(db, section) : 0;
    const auto young = section.subspan(old);
    if (old != 0 && !young.empty() && is_large(young)) {
      apart.push_back(section.first(old));
      apart.push_back(young);
    } else {
      apart.push_back(section);
    }
  }
  return apart;
}

rocksdb::Status write_table(const rocksdb::Options& options, const std::string& path, Section section,
                            rocksdb::ExternalSstFileInfo& info) {
  rocksdb::SstFileWriter writer(rocksdb::EnvOptions(options), options, nullptr, false);
  auto status = writer.Open(path);
  for (const auto& change : section) {
    if (!status.ok()) return status;
    status = change.value ? writer.Put(slice(change.key), slice(*change.value)) : writer.Delete(slice(change.key));
  }
  return status.ok() ? writer.Finish(&info) : status;
}

void remove(const std::string& path) {
  std::error_code gone_already;
  fs::remove(path, gone_already);
}

rocksdb::IngestExternalFileArg new_tables(const rocksdb::DB& db) {
  rocksdb::IngestExternalFileArg tables;
  tables.column_family = db.DefaultColumnFamily();
  tables.options.move_files = true;
  tables.options.verify_file_checksum = false;  // they were made a moment ago
  tables.options.write_global_seqno = false;    // would change the files behind their checksums
  return tables;
}

rocksdb::Status write_tables(rocksdb::DB& db, const std::string& directory, Section changes,
                             rocksdb::IngestExternalFileArg& tables) {
  const rocksdb::Options options = young_table_options(db.GetOptions());
  for (const auto& section : without_overlap(db, sections_of(changes))) {
    tables.external_files.push_back(
        (fs::path(directory) / fmt::format("{}.{}.draft", kDraft, tables.external_files.size())).string());
    // It may be a second name of a table that was taken in: never written over.
    remove(tables.external_files.back());
    rocksdb::ExternalSstFileInfo info;
    if (auto status = write_table(options, tables.external_files.back(), section, info); !status.ok()) return status;
    tables.files_checksums.push_back(info.file_checksum);
    tables.files_checksum_func_names.push_back(info.file_checksum_func_name);
  }
  return rocksdb::Status::OK();
}

}  // namespace

rocksdb::Status take_in(rocksdb::DB& db, const std::string& directory, std::span<const TableChange> changes) {
  if (changes.empty()) return rocksdb::Status::OK();
  wait_for_compaction(db);
  auto tables = new_tables(db);
  auto status = write_tables(db, directory, changes, tables);
  if (status.ok()) status = db.IngestExternalFiles({tables});
  if (!status.ok()) std::ranges::for_each(tables.external_files, remove);
  return status;
}

void remove_drafts(const std::string& directory) {
  std::error_code unreadable;
  for (const auto& file : fs::directory_iterator(directory, unreadable)) {
    const auto name = file.path().filename().string();
    if (name.starts_with(kDraft) && name.ends_with(".draft")) remove(file.path().string());
  }
}

}  // namespace ow::engine
