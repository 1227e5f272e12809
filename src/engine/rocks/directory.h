// The directory around a RocksDB store: who may use it, and which format it has. Before and after RocksDB
// itself is open; one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include "base/result.h"

namespace ow::engine {

/// Holds the directory for one open; the kernel lets go when the process dies.
class DirectoryLock {
 public:
  /// Makes the directory when it is not there. Error unavailable: in use by another process, or not writable.
  static base::Result<DirectoryLock> take(const std::string& directory);
  DirectoryLock(DirectoryLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  DirectoryLock& operator=(DirectoryLock&&) = delete;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int file) : file_(file) {}
  int file_;
};

/// What is in the directory.
enum class DirectoryFormat : int {
  none = 0,
  rocks = 1,      // RocksDB with its own log
  journaled = 2,  // RocksDB's tables below a journal of ours
};

/// Reads the file FORMAT. Errors: unsupported (a format above `newest`, naming both numbers), internal (damaged,
/// or a part of the store is gone). None: there is no store yet, or one whose making was interrupted before its
/// first append.
base::Result<DirectoryFormat> read_format(const std::string& directory, DirectoryFormat newest);

/// Marks a store as complete and of this format; durable before it returns.
base::Result<void> write_format(const std::string& directory, DirectoryFormat format);

/// The whole file. Error unavailable.
base::Result<std::string> read_file(const std::filesystem::path& path);

}  // namespace ow::engine
