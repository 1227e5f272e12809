// Reads on the loop: published values from the cache, else from the key-value store: first what it holds in
// memory, then on the read lane. What is not durable is never shown. Loop thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "engine/cache.h"
#include "engine/durable_view.h"
#include "platform/executor.h"
#include "platform/key_value.h"

namespace ow::engine {

struct ScanRequest {
  platform::KeyRange range;
  platform::ScanOrder order = platform::ScanOrder::ascending;
  /// Called until it returns false; on the loop or on the read lane, never at once. Called `restart` when a
  /// scan that began in memory must begin again on the lane.
  std::function<bool(std::string_view key, std::string_view value)> visit;
  std::function<void()> restart;
};

class Reader {
 public:
  Reader(platform::KeyValue& key_value, platform::Executor& executor, Cache& cache, DurableViews& views)
      : key_value_(key_value), executor_(executor), cache_(cache), views_(views) {}

  /// One record a key, in order, expired ones included; nothing when absent. Keys are record keys of
  /// layout.h.
  base::Task<base::Result<std::vector<RecordPtr>>> records(std::vector<std::string> keys);
  base::Task<base::Result<std::vector<CounterPtr>>> counters(std::vector<std::string> keys);

  /// Durable bytes that no cache holds: keys which are never overwritten.
  base::Task<base::Result<std::vector<std::optional<std::string>>>> bytes(std::vector<std::string> keys);

  base::Task<base::Result<DurableView>> view();
  base::Task<base::Result<void>> scan(DurableView view, ScanRequest request);

 private:
  template <typename Pointer>
  base::Task<base::Result<std::vector<Pointer>>> values(std::vector<std::string> keys);

  platform::KeyValue& key_value_;
  platform::Executor& executor_;
  Cache& cache_;
  DurableViews& views_;
};

}  // namespace ow::engine
