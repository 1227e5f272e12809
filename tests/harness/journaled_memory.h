// The journaled store on a simulated disk: its journal in torn sectors, its tables a MemoryKeyValue.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/journal/journaled_key_value.h"
#include "sim/world/memory_key_value.h"
#include "sim/world/sim_log_disk.h"

namespace ow::tests {

/// Tables in a key-value store.
class MemoryTables final : public engine::Tables {
 public:
  explicit MemoryTables(std::unique_ptr<platform::KeyValue> store) : store_(std::move(store)) {}

  base::Result<std::vector<std::optional<std::string>>> get(const std::vector<std::string>& keys,
                                                            platform::ReadTier tier) const override {
    return store_->get(keys, tier);
  }
  std::unique_ptr<platform::KeyValueView> view() const override { return store_->view(); }
  base::Result<void> absorb(const std::vector<platform::KeyRange>& erased,
                            std::span<const engine::TableChange> changes) override {
    for (const auto& range : erased) {
      if (auto done = store_->erase_range(range); !done) return done;
    }
    std::vector<platform::Change> batch;
    for (const auto& change : changes) {
      batch.push_back({std::string(change.key), std::nullopt});
      if (change.value) batch.back().value = std::string(*change.value);
    }
    const auto position = store_->append(batch);
    return position ? store_->sync(*position) : base::Result<void>(base::fail(position.error()));
  }
  base::Result<void> checkpoint(const std::string& directory) override { return store_->checkpoint(directory); }

 private:
  std::unique_ptr<platform::KeyValue> store_;
};

inline base::Result<std::unique_ptr<platform::KeyValue>> open_journaled_memory(sim::MemoryDisk& disk,
                                                                               engine::JournalOptions options) {
  constexpr const char* kFormat = "FORMAT";
  auto memory = sim::MemoryKeyValue::open(disk, options.expired);
  if (!memory) return base::fail(memory.error());
  auto tables = std::make_unique<MemoryTables>(std::move(*memory));
  auto log_disk = std::make_unique<sim::SimLogDisk>(disk);
  options.may_grow = [&disk]() -> base::Result<void> {
    if (!disk.full()) return {};
    return base::fail(base::ErrorCode::storage_full, "storage_full", "The disk is full.");
  };
  if (!disk.marked(kFormat)) {
    if (auto begun = engine::begin_journal(*log_disk, *tables, options); !begun) return base::fail(begun.error());
    disk.mark(kFormat);
  }
  return engine::open_journaled(std::move(log_disk), std::move(tables), std::move(options));
}

}  // namespace ow::tests
