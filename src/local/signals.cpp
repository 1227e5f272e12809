// See signals.h.
#include "local/signals.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>

namespace ow::local {

struct Signals::Impl : std::enable_shared_from_this<Signals::Impl> {
  Impl(boost::asio::io_context& loop, std::function<void()> stop, std::function<void()> reload)
      : signals(loop, SIGINT, SIGTERM, SIGHUP), on_stop(std::move(stop)), on_reload(std::move(reload)) {}

  void wait() {
    signals.async_wait([self = shared_from_this()](const boost::system::error_code& error, int signal) {
      if (error) return;
      if (signal != SIGHUP) self->on_stop();
      if (signal == SIGHUP && self->on_reload) self->on_reload();
      self->wait();
    });
  }

  boost::asio::signal_set signals;
  std::function<void()> on_stop;
  std::function<void()> on_reload;
};

Signals::Signals(AsioExecutor& executor, std::function<void()> on_stop, std::function<void()> on_reload)
    : impl_(std::make_shared<Impl>(executor.loop(), std::move(on_stop), std::move(on_reload))) {
  impl_->wait();
}

Signals::~Signals() { cancel(); }

void Signals::cancel() {
  boost::system::error_code ignored;
  impl_->signals.cancel(ignored);
}

}  // namespace ow::local
