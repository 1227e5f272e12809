// Queues behind a gate: while it is shut no consumer receives anything; sending goes on. One gate for all
// consumers of a program, whatever their queue. Loop thread.
#pragma once

#include <cstddef>
#include <optional>

#include "platform/clock.h"
#include "platform/executor.h"
#include "platform/queues.h"

namespace ow::platform {

class GatedQueues final : public Queues {
 public:
  GatedQueues(Queues& below, Executor& executor, const Clock& clock)
      : below_(below), executor_(executor), clock_(clock) {}

  void shut() { open_ = false; }
  /// `per_second`: at most so many messages a second over all queues; nothing: no bound.
  void open(std::optional<int> per_second);
  bool is_open() const { return open_; }

  base::Task<base::Result<std::vector<Delivery>>> receive(ReceiveRequest request) override;
  base::Task<base::Result<void>> extend(Delivery delivery, base::Duration visibility) override {
    return below_.extend(std::move(delivery), visibility);
  }
  base::Task<base::Result<void>> release(Delivery delivery, base::Duration delay) override {
    return below_.release(std::move(delivery), delay);
  }

 private:
  std::size_t allowed();
  base::Task<bool> wait_until_allowed(base::Duration until);

  Queues& below_;
  Executor& executor_;
  const Clock& clock_;
  bool open_ = true;
  std::optional<int> per_second_;
  base::Duration second_{};    // the second that is counted
  std::size_t in_second_ = 0;  // given out or asked for in it
};

}  // namespace ow::platform
