// What a snapshot says about itself: manifest.json with every file, its size and its digest, and beside it
// manifest.json.sha256 in the form that sha256sum(1) checks. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "local/files.h"

namespace ow::local {

/// Of the directory's shape. A program reads this number and lower ones.
inline constexpr std::int64_t kSnapshotFormat = 1;

struct SnapshotFile {
  std::string path;  // below the snapshot, with '/'
  FileDigest digest;
};

struct SnapshotManifest {
  std::string id;
  base::Instant made;
  std::string note;
  std::vector<SnapshotFile> files;  // by path

  std::uint64_t bytes() const;
};

/// Writes both files into `directory` and syncs them.
base::Result<void> write_manifest(const std::string& directory, const SnapshotManifest& manifest);

/// Errors: not_found, unsupported (newer format, naming both numbers), internal `snapshot_damaged` naming the
/// file.
base::Result<SnapshotManifest> read_manifest(const std::string& directory);

}  // namespace ow::local
