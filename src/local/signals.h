// Signals as callbacks on the loop. Loop thread.
#pragma once

#include <functional>
#include <memory>

#include "local/asio_executor.h"

namespace ow::local {

class Signals {
 public:
  /// Calls `on_stop` on the loop at each SIGINT or SIGTERM, `on_reload` at each SIGHUP; without it that
  /// signal does nothing.
  Signals(AsioExecutor& executor, std::function<void()> on_stop, std::function<void()> on_reload = {});
  ~Signals();
  /// Forgets the signals, so that the loop may end.
  void cancel();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ow::local
