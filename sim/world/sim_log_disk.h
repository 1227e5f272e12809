// LogDisk on a MemoryDisk. Its writes count as appends there and its syncs as syncs, so that plans of faults
// and crashes fall on either. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platform/log_disk.h"
#include "sim/world/memory_disk.h"

namespace ow::sim {

class SimLogDisk final : public platform::LogDisk {
 public:
  /// As used by one process; the disk must outlive it.
  explicit SimLogDisk(MemoryDisk& disk) : disk_(disk), generation_(disk.generation_) {}

  base::Result<std::vector<std::string>> names() const override;
  std::string path_of(const std::string& name) const override { return "journal/" + name; }
  base::Result<std::unique_ptr<platform::LogFile>> open(const std::string& name) override;
  base::Result<std::unique_ptr<platform::LogFile>> create(const std::string& name, std::uint64_t bytes) override;
  base::Result<void> remove(const std::string& name) override;

  /// The bytes of a file, to be damaged; nullptr when there is none.
  std::string* bytes(const std::string& name);

 private:
  MemoryDisk& disk_;
  std::uint64_t generation_;
};

}  // namespace ow::sim
