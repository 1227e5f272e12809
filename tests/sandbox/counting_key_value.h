// Counts what is written to the KeyValue below it. Test thread only.
#pragma once

#include "platform/key_value.h"

namespace ow::tests {

class CountingKeyValue final : public platform::KeyValue {
 public:
  /// `below` must outlive this.
  explicit CountingKeyValue(platform::KeyValue& below) : below_(below) {}

  base::Result<std::vector<std::optional<std::string>>> get(const std::vector<std::string>& wanted,
                                                            platform::ReadTier tier) const override {
    return below_.get(wanted, tier);
  }
  std::unique_ptr<platform::KeyValueView> view() const override { return below_.view(); }
  base::Result<platform::LogPosition> append(const std::vector<platform::Change>& batch) override {
    keys += batch.size();
    for (const auto& change : batch) bytes += change.key.size() + (change.value ? change.value->size() : 0);
    return below_.append(batch);
  }
  base::Result<void> sync(platform::LogPosition position) override { return below_.sync(position); }
  base::Result<void> checkpoint(const std::string& directory) override { return below_.checkpoint(directory); }
  base::Result<void> erase_range(const platform::KeyRange& range) override { return below_.erase_range(range); }

  std::uint64_t keys = 0;
  std::uint64_t bytes = 0;

 private:
  platform::KeyValue& below_;
};

}  // namespace ow::tests
