// Views of the key-value store that hold durable batches only. While a batch is appended but not yet synced
// no new view may be taken; who asks then gets one of the moment at which the batch is durable. Any thread;
// the callbacks of the committer on the commit lane.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/task.h"
#include "platform/key_value.h"

namespace ow::engine {

struct DurableView {
  std::shared_ptr<const platform::KeyValueView> view;
  /// Number of the last published batch that it holds.
  std::uint64_t epoch = 0;
};

class DurableViews {
 public:
  using Waiter = std::shared_ptr<base::Completion<DurableView>>;

  explicit DurableViews(const platform::KeyValue& key_value) : key_value_(key_value) {}

  /// Hold it for one page, not longer. No view after fail(). Loop thread.
  base::Task<DurableView> take();

  /// From now on the store may hold what is not durable.
  void begin_append();
  /// Everything up to batch `epoch` is durable and nothing else is in the store. Gives those who waited and
  /// their view; complete them on the loop.
  std::pair<DurableView, std::vector<Waiter>> publish(std::uint64_t epoch);
  /// What is in the store is unknown from now on. Gives those who waited; complete them without a view.
  std::vector<Waiter> fail();

 private:
  const platform::KeyValue& key_value_;
  std::mutex mutex_;
  bool appending_ = false;
  bool failed_ = false;
  std::uint64_t epoch_ = 0;
  DurableView last_;  // shared by those who ask between two batches
  std::vector<Waiter> waiters_;
};

}  // namespace ow::engine
