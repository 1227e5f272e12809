// HTTP/1.1 over TCP (Boost.Beast parser inside server.cpp): framing, time-outs, connection bounds, graceful
// stop. Everything above framing is the request function's. Loop thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/bounds.h"
#include "base/instant.h"
#include "base/result.h"
#include "base/task.h"
#include "http/message.h"
#include "platform/clock.h"
#include "platform/telemetry.h"

namespace boost::asio {
class io_context;
}

namespace ow::http {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;                                    // 0: any free port, see Server::port()
  std::size_t connections_max = base::bounds::kConnectionsMax;  // beyond: 503 and closed
  // A time-out is never early and late by at most a second.
  base::Duration header_timeout = base::bounds::kHeaderTimeout;
  base::Duration idle_timeout = base::bounds::kIdleTimeout;
  base::Duration body_timeout = base::bounds::kBodyTimeout;
  base::Duration answer_timeout = base::bounds::kAnswerTimeout;
  std::string tls_certificate = {};  // PEM file, with its chain; empty: no TLS
  std::string tls_key = {};          // PEM file
  /// Strict-Transport-Security max-age of answers over TLS (RFC 6797); 0: not sent.
  std::int64_t hsts_max_age_s = 0;
};

class Server {
 public:
  using Handle = std::function<base::Task<Response>(Request request)>;

  /// `handle` is called with one request of a connection at a time. It is never cancelled: it ends also when
  /// its client has gone. Status 0 closes the connection without an answer. `loop` is the executor's; loop,
  /// clock and telemetry must outlive the server.
  Server(boost::asio::io_context& loop, const platform::Clock& clock, platform::Telemetry& telemetry, Handle handle);
  ~Server();

  /// Opens the port. Errors: unavailable naming address and cause; malformed naming the file TLS cannot use.
  base::Result<void> listen(ServerOptions options);
  /// Reads certificate and key again, for connections from now on. When they do not do, error malformed and
  /// those of before stay.
  base::Result<void> reload_tls();
  std::uint16_t port() const;

  /// Closes the port, lets accepted requests finish, closes idle connections. Ready when all are closed.
  base::Task<void> drain();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ow::http
