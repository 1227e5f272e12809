// Files that must survive a power cut: whole, synced, with their digest. Blocking calls: a lane, or before the
// loop runs. Every error is `unavailable` with reason `file_failed` (`storage_full` when the disk is full) and
// names the file and the cause.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace ow::local {

struct FileDigest {
  std::uint64_t bytes = 0;
  std::string sha256;  // hex
  bool operator==(const FileDigest&) const = default;
};

/// Reads the whole file.
base::Result<FileDigest> digest_file(const std::string& path);

/// Copies into a new file of mode 0600 and syncs it. Writes out as it goes, so that the disk's queue stays short
/// for others. The digest is of what was read.
base::Result<FileDigest> copy_file_synced(const std::string& from, const std::string& to);

/// Writes a new file of mode 0600 and syncs it.
base::Result<void> write_new_file(const std::string& path, const std::string& bytes);

base::Result<std::string> read_whole_file(const std::string& path);

/// Makes names in the directory durable.
base::Result<void> sync_directory(const std::string& path);

/// Held by one process at a time; the kernel lets go when it dies.
class FileLock {
 public:
  /// Makes the file. Error conflict `in_use` when somebody else holds it.
  static base::Result<FileLock> take(const std::string& path);
  FileLock(FileLock&& other) noexcept : file_(other.file_) { other.file_ = -1; }
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int file) : file_(file) {}
  int file_;
};

}  // namespace ow::local
