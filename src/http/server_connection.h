// One client connection of the server: reads a request, has it handled, writes the answer, in order, until
// one side closes. Included by the server's files only. Loop thread.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "base/task.h"
#include "http/server.h"
#include "http/server_answer.h"
#include "http/server_parser.h"
#include "http/server_tls.h"
#include "net/operation.h"

namespace ow::http {

class Connection;

/// What all connections of a server share.
struct ServerState {
  ServerState(const platform::Clock& time, platform::Telemetry& numbers, Server::Handle request_function);

  const platform::Clock& clock;
  platform::Telemetry& telemetry;
  Server::Handle handle;
  ServerOptions options;
  std::shared_ptr<boost::asio::ssl::context> tls;  // nothing: plain HTTP

  /// Between two looks at the deadlines of all connections: one timer for all, none per operation.
  base::Duration sweep_interval{};
  base::Duration swept_at{};
  bool draining = false;
  bool gone = false;  // the server was destroyed: nothing above may be called any more

  std::list<std::shared_ptr<Connection>> connections;
  base::Completion<bool> emptied;
  DateLine date;
  std::uint64_t refusals = 0;

  platform::GaugeMetric& open_connections;
  platform::CounterMetric& framing_errors;
  platform::CounterMetric& timeouts;

  /// A deadline that is never early, though `swept_at` is up to one interval old.
  base::Duration deadline(base::Duration timeout) const { return swept_at + timeout + sweep_interval; }
  void admit(std::shared_ptr<Connection> connection);
  void remove(Connection& connection);
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<ServerState> server, net::Socket socket, std::string peer);

  void start();
  /// Ends what takes longer than it may.
  void sweep(base::Duration now);
  /// Idle: closes. Else the answer that is due is the last one.
  void drain();
  /// Ends all operations; the client may see a reset.
  void abort();

 private:
  friend struct ServerState;
  enum class Received : std::uint8_t { request, refusal, nothing };
  /// What the connection waits for; each has its time-out.
  enum class Waiting : std::uint8_t { nothing, request, header, body, answer_taken, close };

  base::Task<bool> shake_hands();
  base::Task<void> serve_to_the_end();
  base::Task<void> serve();
  base::Task<Received> receive();
  base::Task<bool> write_rest(std::string_view head, std::string_view body);
  /// Head and body of an answer; false when the connection is no longer of use.
  base::Task<bool> write(std::string_view head, std::string_view body);
  /// The body of an answer that is made while it is sent, until it ends or the client does not take it.
  base::Task<bool> write_stream(std::shared_ptr<BodyStream> stream, bool chunked);
  /// Closes the stream when the client has gone while nothing is there to be sent.
  void watch_for_farewell();
  base::Task<net::Outcome<std::size_t>> read_some();
  base::Task<void> linger();
  base::Task<void> say_goodbye();
  Received refuse(Refusal refusal);
  Response refusal_answer() const;
  bool write_at_once(std::string_view& head, std::string_view& body);
  bool read_what_is_there();
  bool idle() const;
  void wait_for(Waiting what);
  base::Duration timeout_of(Waiting what) const;

  std::shared_ptr<ServerState> server_;
  net::Socket socket_;
  std::shared_ptr<boost::asio::ssl::context> tls_context_;
  std::optional<boost::asio::ssl::stream<net::Socket&>> tls_;
  std::string peer_;
  boost::beast::flat_buffer buffer_;
  std::optional<RequestParser> parser_;
  std::optional<Refusal> refusal_;
  std::string head_;
  std::shared_ptr<BodyStream> stream_;  // of the answer under way
  Waiting waiting_ = Waiting::nothing;
  std::optional<base::Duration> deadline_;
  bool late_ = false;
  std::uint64_t requests_ = 0;
  std::list<std::shared_ptr<Connection>>::iterator place_;
  base::Task<void> serving_;
};

}  // namespace ow::http
