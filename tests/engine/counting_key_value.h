// A key-value store that counts what is asked of it: tests bound work, not time. One thread.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "platform/key_value.h"

namespace ow::engine {

struct KeyValueCounts {
  std::uint64_t gets = 0;
  std::uint64_t scans = 0;
  std::uint64_t visited = 0;
  std::uint64_t appends = 0;
  std::uint64_t keys = 0;
  std::uint64_t bytes = 0;
  std::uint64_t syncs = 0;
};

class CountingKeyValue final : public platform::KeyValue {
 public:
  CountingKeyValue(std::unique_ptr<platform::KeyValue> below, KeyValueCounts& counts)
      : below_(std::move(below)), counts_(counts) {}

  base::Result<std::vector<std::optional<std::string>>> get(const std::vector<std::string>& keys,
                                                            platform::ReadTier tier) const override {
    counts_.gets += keys.size();
    return below_->get(keys, tier);
  }
  std::unique_ptr<platform::KeyValueView> view() const override {
    return std::make_unique<View>(below_->view(), counts_);
  }
  base::Result<platform::LogPosition> append(const std::vector<platform::Change>& batch) override {
    ++counts_.appends;
    counts_.keys += batch.size();
    for (const auto& change : batch) counts_.bytes += change.key.size() + change.value.value_or(std::string()).size();
    return below_->append(batch);
  }
  base::Result<void> sync(platform::LogPosition position) override {
    ++counts_.syncs;
    return below_->sync(position);
  }
  base::Result<void> checkpoint(const std::string& directory) override { return below_->checkpoint(directory); }
  base::Result<void> erase_range(const platform::KeyRange& range) override { return below_->erase_range(range); }

 private:
  class View final : public platform::KeyValueView {
   public:
    View(std::unique_ptr<platform::KeyValueView> below, KeyValueCounts& counts)
        : below_(std::move(below)), counts_(counts) {}
    base::Result<void> scan(const platform::KeyRange& range, platform::ScanOrder order,
                            const std::function<bool(std::string_view, std::string_view)>& visit,
                            platform::ReadTier tier) const override {
      ++counts_.scans;
      return below_->scan(
          range, order,
          [&](std::string_view key, std::string_view value) {
            ++counts_.visited;
            return visit(key, value);
          },
          tier);
    }

   private:
    std::unique_ptr<platform::KeyValueView> below_;
    KeyValueCounts& counts_;
  };

  std::unique_ptr<platform::KeyValue> below_;
  KeyValueCounts& counts_;
};

}  // namespace ow::engine
