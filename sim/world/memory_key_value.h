// KeyValue in memory: one open of a MemoryDisk, as one process has. One thread at a time.
//
//   MemoryDisk disk;
//   auto store = MemoryKeyValue::open(disk).value();    // first process
//   disk.after_call(DiskCall::append, 3, [&] { disk.power_off(); executor.halt(); });
//   ... run until halted ...
//   store.reset();                                       // (or destroy it after the crash)
//   disk.crash(random);                                  // a prefix survives, at least the synced one
//   store = MemoryKeyValue::open(disk).value();          // second process
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/key_value.h"
#include "sim/world/memory_disk.h"

namespace ow::sim {

class MemoryKeyValue final : public platform::KeyValue {
 public:
  using Expired = std::function<bool(std::string_view key, std::string_view value)>;

  /// Recovers what the disk holds and makes it durable, as recovery does. The disk must outlive the object.
  /// Error unavailable while another open of the disk lives.
  static base::Result<std::unique_ptr<MemoryKeyValue>> open(MemoryDisk& disk, Expired expired = {});
  ~MemoryKeyValue() override;

  base::Result<std::vector<std::optional<std::string>>> get(const std::vector<std::string>& keys,
                                                            platform::ReadTier tier) const override;
  std::unique_ptr<platform::KeyValueView> view() const override;
  base::Result<platform::LogPosition> append(const std::vector<platform::Change>& batch) override;
  base::Result<void> sync(platform::LogPosition position) override;
  base::Result<void> checkpoint(const std::string& directory) override;
  base::Result<void> erase_range(const platform::KeyRange& range) override;

  /// Drops the pairs that `expired` names, as a compaction may at any time.
  void compact();

 private:
  class Pairs;
  class View;

  MemoryKeyValue(MemoryDisk& disk, Expired expired);
  std::optional<base::Error> dead() const;
  base::Error die(base::Error error);
  base::Result<void> may_read(platform::ReadTier tier) const;

  MemoryDisk& disk_;
  Expired expired_;
  std::uint64_t generation_;
  std::shared_ptr<Pairs> pairs_;
  platform::LogPosition appended_ = 0;
  platform::LogPosition synced_ = 0;
  std::optional<base::Error> failure_;
};

}  // namespace ow::sim
