// A directory of snapshots, one subdirectory each. A snapshot is complete or not there: it is written under a
// temporary name, synced, and renamed. Blocking calls: the backup lane, or an offline command.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "local/snapshot_manifest.h"

namespace ow::local {

/// A directory that goes into a snapshot under a name, with everything below it. It may be missing: then the
/// snapshot has none.
struct SnapshotPart {
  std::string name;
  std::string directory;
};

struct SnapshotHead {
  std::string id;
  base::Instant made;
  std::string note;
};

class SnapshotArchive {
 public:
  static constexpr std::size_t kKeptDefault = 7;
  /// Left free on the archive's disk.
  static constexpr std::uint64_t kReserveBytes = 256ULL << 20;

  /// Keeps the newest `kept` snapshots, at least 1.
  SnapshotArchive(std::string directory, std::size_t kept) : directory_(std::move(directory)), kept_(kept) {}

  const std::string& directory() const { return directory_; }

  /// Copies the parts, whose files must not change meanwhile (new ones may come; names that begin with a dot are being
  /// written and left out), then drops the oldest snapshots beyond those kept.
  /// Files that the snapshot before holds already are shared with it. Errors: storage_full before anything is
  /// written when there is not enough room, conflict when another process writes, unavailable.
  base::Result<SnapshotManifest> write(const SnapshotHead& head, const std::vector<SnapshotPart>& parts);

  struct Listed {
    std::string id;
    base::Result<SnapshotManifest> manifest;  // an error when it is damaged
  };
  /// Newest first.
  base::Result<std::vector<Listed>> list() const;

  std::string path_of(const std::string& id) const { return directory_ + "/" + id; }

 private:
  base::Result<void> remove_leftovers() const;
  base::Result<void> remove_oldest() const;

  std::string directory_;
  std::size_t kept_;
};

/// Reads every file of a snapshot and compares size and digest. Error internal `snapshot_damaged` naming the
/// first file that differs.
base::Result<SnapshotManifest> verify_snapshot(const std::string& snapshot);

/// verify_snapshot() while copying everything below it into `target`, an existing directory.
base::Result<SnapshotManifest> copy_snapshot(const std::string& snapshot, const std::string& target);

}  // namespace ow::local
