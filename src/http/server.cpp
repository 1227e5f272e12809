// See server.h. The listener and the sweep over the connections' deadlines; a connection is
// server_connection.cpp.
#include "http/server.h"

#include <algorithm>
#include <utility>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>

#include "http/problem.h"
#include "http/server_connection.h"

namespace ow::http {

namespace asio = boost::asio;

namespace {

using Tcp = asio::ip::tcp;
using Acceptor = asio::basic_socket_acceptor<Tcp, net::LoopExecutor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                                         net::LoopExecutor>;

constexpr base::Duration kSweepIntervalMax = std::chrono::milliseconds(500);
constexpr auto kAcceptPause = std::chrono::milliseconds(50);  // out of file descriptors: closing frees some

struct Nothing {};

base::Duration sweep_interval(const ServerOptions& options) {
  const auto shortest =
      std::min({options.header_timeout, options.idle_timeout, options.body_timeout, options.answer_timeout});
  return std::min(kSweepIntervalMax, std::max(shortest / 4, base::Duration(1000)));
}

}  // namespace

struct Server::Impl : std::enable_shared_from_this<Impl> {
  Impl(asio::io_context& io, const platform::Clock& clock, platform::Telemetry& telemetry, Handle handle)
      : loop(io),
        state(std::make_shared<ServerState>(clock, telemetry, std::move(handle))),
        refused(telemetry.counter("ow_http_connections_refused_total")),
        acceptor(io),
        sweep_timer(io),
        pause_timer(io) {}

  base::Result<void> open(const ServerOptions& options);
  void start();
  base::Task<void> accept_all();
  base::Task<void> sweep_all();
  void admit(net::Socket socket, const Tcp::endpoint& peer);
  void turn_away(net::Socket& socket);
  void abort();

  asio::io_context& loop;
  std::shared_ptr<ServerState> state;
  platform::CounterMetric& refused;
  Acceptor acceptor;
  Timer sweep_timer;
  Timer pause_timer;
  std::uint16_t port = 0;
  base::Task<void> accepting;
  base::Task<void> sweeping;
};

base::Result<void> Server::Impl::open(const ServerOptions& options) {
  net::Error error;
  const auto address = asio::ip::make_address(options.address, error);
  const Tcp::endpoint endpoint(address, options.port);
  if (!error) acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(Acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(Acceptor::max_listen_connections, error);
  if (!error) port = acceptor.local_endpoint(error).port();
  if (!error) return {};
  const auto where = options.address + ":" + std::to_string(options.port);
  return base::fail(base::ErrorCode::unavailable, "cannot_listen",
                    "Cannot listen on " + where + ": " + error.message() + ".");
}

void Server::Impl::start() {
  accepting = accept_all();
  accepting.operator co_await().handle.resume();
  sweeping = sweep_all();
  sweeping.operator co_await().handle.resume();
}

base::Task<void> Server::Impl::accept_all() {
  while (acceptor.is_open()) {
    net::Socket socket(loop);
    Tcp::endpoint peer;
    auto accepted = co_await net::perform<Nothing>(
        shared_from_this(), [&](auto handler) { acceptor.async_accept(socket, peer, std::move(handler)); });
    if (!acceptor.is_open()) break;
    if (!accepted.error) {
      admit(std::move(socket), peer);
      continue;
    }
    pause_timer.expires_after(kAcceptPause);
    co_await net::perform<Nothing>(shared_from_this(),
                                   [&](auto handler) { pause_timer.async_wait(std::move(handler)); });
  }
}

void Server::Impl::admit(net::Socket socket, const Tcp::endpoint& peer) {
  net::Error ignored;
  socket.non_blocking(true, ignored);
  if (state->connections.size() >= state->options.connections_max) return turn_away(socket);
  socket.set_option(Tcp::no_delay(true), ignored);
  state->admit(std::make_shared<Connection>(state, std::move(socket), peer.address().to_string()));
}

void Server::Impl::turn_away(net::Socket& socket) {
  refused.add();
  if (state->tls) return;  // a handshake would cost what there is too little of
  const auto answer =
      problem({base::ErrorCode::unavailable, "too_many_connections", "Too many connections are open; try again later."},
              "req_none");
  std::string bytes;
  append_head(bytes, answer, {.keep_alive = false}, state->date.at(state->clock.now()));
  bytes += answer.body;
  net::Error ignored;
  socket.write_some(asio::buffer(bytes), ignored);
  socket.shutdown(net::Socket::shutdown_send, ignored);
}

base::Task<void> Server::Impl::sweep_all() {
  while (!state->gone) {
    state->swept_at = state->clock.ticks();
    for (const auto& connection : state->connections) connection->sweep(state->swept_at);
    sweep_timer.expires_after(state->sweep_interval);
    auto slept = co_await net::perform<Nothing>(shared_from_this(),
                                                [&](auto handler) { sweep_timer.async_wait(std::move(handler)); });
    if (slept.error) break;
  }
}

void Server::Impl::abort() {
  state->gone = true;
  net::Error ignored;
  acceptor.close(ignored);
  sweep_timer.cancel();
  pause_timer.cancel();
  for (const auto& connection : state->connections) connection->abort();
  state->connections.clear();
}

Server::Server(asio::io_context& loop, const platform::Clock& clock, platform::Telemetry& telemetry, Handle handle)
    : impl_(std::make_shared<Impl>(loop, clock, telemetry, std::move(handle))) {}

Server::~Server() { impl_->abort(); }

base::Result<void> Server::reload_tls() {
  const auto& options = impl_->state->options;
  if (options.tls_certificate.empty()) return {};
  auto tls = make_server_tls(options.tls_certificate, options.tls_key);
  if (!tls) return base::fail(tls.error());
  impl_->state->tls = std::move(*tls);
  return {};
}

base::Result<void> Server::listen(ServerOptions options) {
  impl_->state->options = options;
  if (auto loaded = reload_tls(); !loaded) return loaded;
  if (auto opened = impl_->open(options); !opened) return opened;
  impl_->state->sweep_interval = sweep_interval(options);
  impl_->state->options = std::move(options);
  impl_->start();
  return {};
}

std::uint16_t Server::port() const { return impl_->port; }

base::Task<void> Server::drain() {
  auto& state = *impl_->state;
  net::Error ignored;
  impl_->acceptor.close(ignored);
  state.draining = true;
  for (const auto& connection : state.connections) connection->drain();
  if (!state.connections.empty()) co_await state.emptied;
}

}  // namespace ow::http
