// The KeyValue contract over every implementation.
#include "contracts/key_value_contract.h"

#include "engine/rocks/key_value.h"
#include "harness/journaled_memory.h"
#include "local/posix_log_disk.h"
#include "rocks_place.h"
#include "sim/world/memory_key_value.h"

namespace ow::contracts {
namespace {

class MemoryPlace final : public KeyValuePlace {
 public:
  base::Result<std::unique_ptr<KeyValue>> open() override { return sim::MemoryKeyValue::open(disk_); }
  std::string new_directory() override { return "copy"; }
  base::Result<std::unique_ptr<KeyValue>> open_at(const std::string& directory) override {
    return sim::MemoryKeyValue::open(*disk_.directory(directory));
  }

 private:
  sim::MemoryDisk disk_;
};

class RocksPlace final : public KeyValuePlace {
 public:
  base::Result<std::unique_ptr<KeyValue>> open() override { return open_at(folder_.path("store")); }
  std::string new_directory() override { return folder_.path("copy"); }
  base::Result<std::unique_ptr<KeyValue>> open_at(const std::string& directory) override {
    return engine::open_rocks({.directory = directory});
  }

 private:
  engine::TestFolder folder_;
};

/// Overlays that hold much, and such as go down into the tables with every sync.
engine::JournalOptions roomy() { return {.segment_bytes = 64 << 10}; }
engine::JournalOptions cramped() { return {.segment_bytes = 16 << 10, .overlay_keys = 2}; }

class JournaledMemoryPlace final : public KeyValuePlace {
 public:
  explicit JournaledMemoryPlace(engine::JournalOptions options) : options_(std::move(options)) {}
  base::Result<std::unique_ptr<KeyValue>> open() override { return tests::open_journaled_memory(disk_, options_); }
  std::string new_directory() override { return "copy"; }
  base::Result<std::unique_ptr<KeyValue>> open_at(const std::string& directory) override {
    return tests::open_journaled_memory(*disk_.directory(directory), options_);
  }

 private:
  engine::JournalOptions options_;
  sim::MemoryDisk disk_;
};

class JournaledRocksPlace final : public KeyValuePlace {
 public:
  explicit JournaledRocksPlace(engine::JournalOptions options) : options_(std::move(options)) {}
  base::Result<std::unique_ptr<KeyValue>> open() override { return open_at(folder_.path("store")); }
  std::string new_directory() override { return folder_.path("copy"); }
  base::Result<std::unique_ptr<KeyValue>> open_at(const std::string& directory) override {
    return engine::open_journaled_at({.directory = directory}, options_);
  }

 private:
  engine::JournalOptions options_;
  engine::TestFolder folder_;
};

std::unique_ptr<KeyValuePlace> place(const std::string& name) {
  if (name == "memory") return std::make_unique<MemoryPlace>();
  if (name == "rocks") return std::make_unique<RocksPlace>();
  if (name == "journaled_memory") return std::make_unique<JournaledMemoryPlace>(roomy());
  if (name == "journaled_memory_cramped") return std::make_unique<JournaledMemoryPlace>(cramped());
  if (name == "journaled_rocks") return std::make_unique<JournaledRocksPlace>(roomy());
  return std::make_unique<JournaledRocksPlace>(cramped());
}

auto maker(const std::string& name) {
  return std::pair<std::string, std::function<std::unique_ptr<KeyValuePlace>()>>(name, [name] { return place(name); });
}

INSTANTIATE_TEST_SUITE_P(Implementations, KeyValueContract,
                         testing::Values(maker("memory"), maker("rocks"), maker("journaled_memory"),
                                         maker("journaled_memory_cramped"), maker("journaled_rocks"),
                                         maker("journaled_rocks_cramped")),
                         [](const auto& made) { return made.param.first; });

}  // namespace
}  // namespace ow::contracts
