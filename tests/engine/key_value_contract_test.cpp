// The KeyValue contract over both implementations.
#include "contracts/key_value_contract.h"

#include "engine/rocks/key_value.h"
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

INSTANTIATE_TEST_SUITE_P(Implementations, KeyValueContract,
                         testing::Values(std::pair("memory", [] { return std::make_unique<MemoryPlace>(); }),
                                         std::pair("rocks", [] { return std::make_unique<RocksPlace>(); })),
                         [](const auto& made) { return made.param.first; });

}  // namespace
}  // namespace ow::contracts
