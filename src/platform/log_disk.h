// Port: the few files of fixed size that a write-ahead log lives in. Calls block; one thread at a time for a
// file, any thread for the directory. After a crash each sector written since the last sync of its file holds
// what was written or what was there before.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ow::platform {

class LogFile {
 public:
  virtual ~LogFile() = default;
  virtual std::uint64_t size() const = 0;
  /// Bytes within the size. Error unavailable.
  virtual base::Result<std::string> read(std::uint64_t at, std::uint64_t length) const = 0;
  /// Within the size that the file was made with. Error storage_full: the bytes may have arrived in part.
  virtual base::Result<void> write(std::uint64_t at, std::string_view bytes) = 0;
  /// What was written is durable. An error is final: what is on disk is unknown.
  virtual base::Result<void> sync() = 0;
};

class LogDisk {
 public:
  virtual ~LogDisk() = default;
  /// Complete files, in order of name. Error unavailable.
  virtual base::Result<std::vector<std::string>> names() const = 0;
  /// How messages call the file.
  virtual std::string path_of(const std::string& name) const = 0;
  virtual base::Result<std::unique_ptr<LogFile>> open(const std::string& name) = 0;
  /// A new file of `bytes` zeros, which are on the disk before it returns: syncs of later writes then touch
  /// no allocation. After a crash it is there as a whole or not at all. Errors storage_full, unavailable.
  virtual base::Result<std::unique_ptr<LogFile>> create(const std::string& name, std::uint64_t bytes) = 0;
  virtual base::Result<void> remove(const std::string& name) = 0;
};

}  // namespace ow::platform
