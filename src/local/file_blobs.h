// Blobs as files below one directory, written whole (durable_file.h). Loop thread; the files on a thread of its
// own.
#pragma once

#include <string>

#include "local/lane_thread.h"
#include "platform/blobs.h"

namespace ow::local {

class FileBlobs final : public platform::Blobs {
 public:
  /// The executor outlives this.
  FileBlobs(platform::Executor& executor, std::string directory)
      : executor_(executor), directory_(std::move(directory)) {}

  base::Task<base::Result<void>> put(std::string name, std::string bytes) override;
  base::Task<base::Result<std::optional<std::string>>> get(std::string name, platform::ByteRange range) override;
  base::Task<base::Result<std::optional<std::uint64_t>>> size(std::string name) override;
  base::Task<base::Result<platform::BlobPage>> list(std::string prefix, std::string after, std::size_t limit) override;
  base::Task<base::Result<void>> erase(std::string name) override;

 private:
  base::Result<std::string> path_of(const std::string& name) const;

  platform::Executor& executor_;
  const std::string directory_;
  LaneThread lane_;
};

}  // namespace ow::local
