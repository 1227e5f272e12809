// Directories and damage for the tests of the RocksDB store.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "engine/rocks/key_value.h"
#include "local/posix_log_disk.h"

namespace ow::engine {

/// A folder of its own, gone at the end.
class TestFolder {
 public:
  TestFolder() {
    // In memory where there is such a place: what is tested is what the files hold, not the disk.
    const std::filesystem::path shared = "/dev/shm";
    const auto parent = std::filesystem::exists(shared) ? shared : std::filesystem::temp_directory_path();
    std::string pattern = (parent / "ow_rocks_XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  std::string path(const std::string& name) const { return (root_ / name).string(); }

 private:
  std::filesystem::path root_;
};

inline std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

inline void flip_bit(const std::filesystem::path& path, std::size_t at, int bit = 3) {
  std::string bytes = read_bytes(path);
  bytes.at(at) = static_cast<char>(bytes.at(at) ^ (1 << bit));
  write_bytes(path, bytes);
}

/// Files of the directory whose name ends so and which are not empty, oldest first.
inline std::vector<std::filesystem::path> files_ending(const std::string& directory, const std::string& ending) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(ending) && entry.file_size() != 0) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

inline std::filesystem::path manifest_of(const std::string& directory) {
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().filename().string().starts_with("MANIFEST-")) return entry.path();
  }
  return {};
}

/// The store as production has it.
inline base::Result<std::unique_ptr<platform::KeyValue>> open_journaled_at(RocksOptions rocks, JournalOptions options) {
  auto disk = local::open_log_disk(rocks.directory + "/journal");
  if (!disk) return base::fail(disk.error());
  return open_journaled_rocks(std::move(rocks), std::move(*disk), std::move(options));
}

/// A fresh copy of a closed store.
inline std::string copy_of(const std::string& directory, const std::string& to) {
  std::filesystem::remove_all(to);
  std::filesystem::copy(directory, to, std::filesystem::copy_options::recursive);
  return to;
}

}  // namespace ow::engine
