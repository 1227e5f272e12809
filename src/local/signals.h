// Termination signals as a callback on the loop. Loop thread.
#pragma once

#include <functional>
#include <memory>

#include "local/asio_executor.h"

namespace ow::local {

class Signals {
 public:
  /// Calls `on_stop` on the loop at each SIGINT or SIGTERM.
  Signals(AsioExecutor& executor, std::function<void()> on_stop);
  ~Signals();
  /// Forgets the signals, so that the loop may end.
  void cancel();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ow::local
