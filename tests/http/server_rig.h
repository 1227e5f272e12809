// A server on a loop thread of its own and raw blocking clients, for the tests of HTTP/1.1 framing. The rig
// belongs to the test thread; the handler runs on the loop thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "http/server.h"
#include "local/asio_executor.h"
#include "local/machine.h"
#include "sim/world/sim_telemetry.h"

namespace ow::http {

struct RawAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;
  std::string body;
};

/// A blocking socket. Reads give up after some seconds, so a wrong server fails a test instead of hanging it.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  RawClient(RawClient&& other) noexcept : fd_(std::exchange(other.fd_, -1)), unread_(std::move(other.unread_)) {}
  RawClient& operator=(RawClient&&) = delete;
  ~RawClient();

  void send(std::string_view bytes);
  /// The client's side is finished, the server may still answer.
  void finish_sending();
  /// Closes with a reset instead of a farewell.
  void reset();
  /// The next answer; nothing when the connection ended before a whole one came.
  std::optional<RawAnswer> read_answer(bool has_body = true);
  /// The bytes that are there, or the next that come; none when the connection ended.
  std::string read_some();
  /// True when the server has closed and sent nothing more.
  bool closed();

 private:
  bool read_more();
  int fd_ = -1;
  std::string unread_;
};

class ServerRig {
 public:
  explicit ServerRig(Server::Handle handle, ServerOptions options = {});
  ~ServerRig();

  RawClient connect() const { return RawClient(server_->port()); }
  std::uint16_t port() const { return server_->port(); }
  local::AsioExecutor& executor() { return executor_; }
  /// Starts drain() on the loop; `drained` runs there when it is ready.
  void drain(std::function<void()> drained);
  /// Runs the job on the loop thread and waits for it.
  void on_loop(const std::function<void()>& job);
  sim::SimTelemetry& telemetry() { return telemetry_; }

 private:
  base::Task<void> drain_then(std::function<void()> drained);

  local::AsioExecutor executor_;
  local::SystemClock clock_;
  sim::SimTelemetry telemetry_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

/// Answers 200 with `METHOD target body`.
base::Task<Response> echo(Request request);

/// `GET target`, as a correct client sends it.
std::string get(std::string_view target);

}  // namespace ow::http
