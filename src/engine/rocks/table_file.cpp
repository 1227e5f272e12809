// See table_file.h.
#include "engine/rocks/table_file.h"

#include <rocksdb/sst_file_writer.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "engine/rocks/tuning.h"

namespace ow::engine {
namespace {

// Tables of the first level, each of which a read must ask. Compaction begins at 4; taking in does not wait by
// itself as writes do.
constexpr std::uint64_t kFirstLevelMax = 20;
constexpr auto kCompactionPause = std::chrono::milliseconds(5);
constexpr int kCompactionPausesMax = 2000;

void wait_for_compaction(rocksdb::DB& db) {
  std::uint64_t tables = 0;
  for (int pause = 0; pause < kCompactionPausesMax; ++pause) {
    db.GetIntProperty("rocksdb.num-files-at-level0", &tables);
    if (tables <= kFirstLevelMax) return;
    std::this_thread::sleep_for(kCompactionPause);
  }
}

rocksdb::Options options_of_table(const rocksdb::DB& db) {
  rocksdb::Options options = db.GetOptions();
  // The writer would compress as the last level does; this is the first.
  options.compression_per_level.clear();
  options.compression = rocksdb::kNoCompression;
  options.bottommost_compression = rocksdb::kDisableCompressionOption;
  return options;
}

rocksdb::Status write_table(const rocksdb::DB& db, const std::string& path, std::span<const TableChange> changes,
                            rocksdb::ExternalSstFileInfo& info) {
  const rocksdb::Options options = options_of_table(db);
  rocksdb::SstFileWriter writer(rocksdb::EnvOptions(options), options, nullptr, false);
  auto status = writer.Open(path);
  for (const auto& change : changes) {
    if (!status.ok()) return status;
    status = change.value ? writer.Put(slice(change.key), slice(*change.value)) : writer.Delete(slice(change.key));
  }
  return status.ok() ? writer.Finish(&info) : status;
}

rocksdb::Status ingest(rocksdb::DB& db, const std::string& path, const rocksdb::ExternalSstFileInfo& info) {
  rocksdb::IngestExternalFileArg table;
  table.column_family = db.DefaultColumnFamily();
  table.external_files = {path};
  table.files_checksums = {info.file_checksum};
  table.files_checksum_func_names = {info.file_checksum_func_name};
  table.options.move_files = true;
  table.options.verify_file_checksum = false;  // it was made a moment ago
  table.options.write_global_seqno = false;    // would change the file behind its checksum
  return db.IngestExternalFiles({table});
}

}  // namespace

rocksdb::Status take_in(rocksdb::DB& db, const std::string& path, std::span<const TableChange> changes) {
  if (changes.empty()) return rocksdb::Status::OK();
  wait_for_compaction(db);
  // A process that was killed may have left it, as a second name of a table that was taken in: never written over.
  std::remove(path.c_str());
  rocksdb::ExternalSstFileInfo info;
  auto status = write_table(db, path, changes, info);
  if (status.ok()) status = ingest(db, path, info);
  if (!status.ok()) std::remove(path.c_str());
  return status;
}

}  // namespace ow::engine
