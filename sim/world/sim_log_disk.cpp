// See sim_log_disk.h.
#include "sim/world/sim_log_disk.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/assert.h"

namespace ow::sim {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

std::optional<base::Error> power_off(bool off) {
  if (!off) return std::nullopt;
  return base::Error{ErrorCode::internal, "power_off", "The machine of this log has no power."};
}

}  // namespace

class SimLogFile final : public platform::LogFile {
 public:
  SimLogFile(MemoryDisk& disk, std::shared_ptr<MemoryDisk::LogBytes> file)
      : disk_(disk), generation_(disk.generation_), file_(std::move(file)) {}

  std::uint64_t size() const override { return file_->bytes.size(); }

  Result<std::string> read(std::uint64_t at, std::uint64_t length) const override {
    if (auto error = dead()) return fail(*error);
    return file_->bytes.substr(at, length);
  }

  Result<void> write(std::uint64_t at, std::string_view bytes) override {
    OW_ASSERT(at + bytes.size() <= size(), "a file of a log does not grow");
    if (auto error = begin(DiskCall::append)) return fail(*error);
    constexpr auto kSector = MemoryDisk::kSector;
    for (std::uint64_t sector = at / kSector; sector * kSector < at + bytes.size(); ++sector) {
      file_->unsynced.try_emplace(sector, file_->bytes.substr(sector * kSector, kSector));
    }
    file_->bytes.replace(at, bytes.size(), bytes);
    disk_.end(DiskCall::append);
    return {};
  }

  Result<void> sync() override {
    if (auto error = begin(DiskCall::sync)) return fail(*error);
    file_->unsynced.clear();
    disk_.end(DiskCall::sync);
    return {};
  }

 private:
  std::optional<base::Error> dead() const { return power_off(generation_ != disk_.generation_); }

  /// Before and after: a plan may take the power.
  std::optional<base::Error> begin(DiskCall call) {
    if (auto error = dead()) return error;
    auto planned = disk_.begin(call);
    if (auto error = dead()) return error;
    return planned;
  }

  MemoryDisk& disk_;
  std::uint64_t generation_;
  std::shared_ptr<MemoryDisk::LogBytes> file_;
};

Result<std::vector<std::string>> SimLogDisk::names() const {
  std::vector<std::string> names;
  for (const auto& [name, file] : disk_.log_files_) names.push_back(name);
  return names;
}

Result<std::unique_ptr<platform::LogFile>> SimLogDisk::open(const std::string& name) {
  const auto found = disk_.log_files_.find(name);
  if (found == disk_.log_files_.end()) {
    return fail(ErrorCode::unavailable, "storage_unreadable", "There is no file " + path_of(name) + ".");
  }
  return std::make_unique<SimLogFile>(disk_, found->second);
}

Result<std::unique_ptr<platform::LogFile>> SimLogDisk::create(const std::string& name, std::uint64_t bytes) {
  if (auto error = power_off(generation_ != disk_.generation_)) return fail(*error);
  if (disk_.full_) return fail(ErrorCode::storage_full, "storage_full", "The disk is full.");
  auto& file = disk_.log_files_[name];
  file = std::make_shared<MemoryDisk::LogBytes>(MemoryDisk::LogBytes{std::string(bytes, '\0'), {}});
  return std::make_unique<SimLogFile>(disk_, file);
}

Result<void> SimLogDisk::remove(const std::string& name) {
  if (auto error = power_off(generation_ != disk_.generation_)) return fail(*error);
  disk_.log_files_.erase(name);
  return {};
}

std::string* SimLogDisk::bytes(const std::string& name) {
  const auto found = disk_.log_files_.find(name);
  return found == disk_.log_files_.end() ? nullptr : &found->second->bytes;
}

}  // namespace ow::sim
