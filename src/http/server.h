// HTTP/1.1 over TCP (Boost.Beast parser inside server.cpp): framing, time-outs, connection bounds, graceful
// stop. Everything above framing is the request function's. Loop thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "http/message.h"
#include "platform/telemetry.h"

namespace boost::asio {
class io_context;
}

namespace ow::http {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  // 0: any free port, see Server::port()
};

class Server {
 public:
  using Handle = std::function<base::Task<Response>(Request request)>;

  /// `loop` is the executor's; the executor must outlive the server.
  Server(boost::asio::io_context& loop, platform::Telemetry& telemetry, Handle handle);
  ~Server();

  /// Opens the port. Error unavailable naming address and cause.
  base::Result<void> listen(ServerOptions options);
  std::uint16_t port() const;

  /// Closes the port, lets accepted requests finish, closes idle connections. Ready when all are closed.
  base::Task<void> drain();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ow::http
