// See signals.h.
#include "local/signals.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>

namespace ow::local {

struct Signals::Impl : std::enable_shared_from_this<Signals::Impl> {
  Impl(boost::asio::io_context& loop, std::function<void()> stop)
      : signals(loop, SIGINT, SIGTERM), on_stop(std::move(stop)) {}

  void wait() {
    signals.async_wait([self = shared_from_this()](const boost::system::error_code& error, int) {
      if (error) return;
      self->on_stop();
      self->wait();
    });
  }

  boost::asio::signal_set signals;
  std::function<void()> on_stop;
};

Signals::Signals(AsioExecutor& executor, std::function<void()> on_stop)
    : impl_(std::make_shared<Impl>(executor.loop(), std::move(on_stop))) {
  impl_->wait();
}

Signals::~Signals() { cancel(); }

void Signals::cancel() {
  boost::system::error_code ignored;
  impl_->signals.cancel(ignored);
}

}  // namespace ow::local
