// Executor on one Asio io_context and one thread per lane (Asio inside .cpp only).
#pragma once

#include <memory>

#include "platform/executor.h"

namespace boost::asio {
class io_context;
}

namespace ow::local {

class AsioExecutor final : public platform::Executor {
 public:
  AsioExecutor();
  /// Lanes finish what was submitted; then tasks that have not ended are destroyed.
  ~AsioExecutor() override;

  void post(platform::Job job) override;
  void submit(platform::Lane lane, platform::Job job) override;
  base::Task<bool> sleep_until(base::Duration due) override;
  void spawn(base::Task<void> task) override;
  void request_stop() override;
  bool stopping() const override;

  /// Runs the loop on this thread until request_stop() and all spawned tasks have ended. Once.
  void run();
  /// For http::Server and the HTTP client; the same loop.
  boost::asio::io_context& loop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ow::local
