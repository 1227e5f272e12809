// See server_connection.h.
#include "http/server_connection.h"

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include "base/assert.h"
#include "base/bounds.h"
#include "http/problem.h"

namespace ow::http {

namespace asio = boost::asio;
namespace bounds = base::bounds;

namespace {

constexpr std::size_t kReadBytes = 8 << 10;
constexpr std::size_t kLingerBytesMax = 4 * bounds::kBodyBytesMax;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::array<asio::const_buffer, 2> buffers(std::string_view head, std::string_view body) {
  return {asio::buffer(head), asio::buffer(body)};
}

}  // namespace

ServerState::ServerState(const platform::Clock& time, platform::Telemetry& numbers, Server::Handle request_function)
    : clock(time),
      telemetry(numbers),
      handle(std::move(request_function)),
      swept_at(time.ticks()),
      open_connections(telemetry.gauge("ow_http_connections")),
      framing_errors(telemetry.counter("ow_http_framing_errors_total")),
      timeouts(telemetry.counter("ow_http_timeouts_total")) {}

void ServerState::admit(std::shared_ptr<Connection> connection) {
  connections.push_back(connection);
  connection->place_ = std::prev(connections.end());
  open_connections.set(static_cast<double>(connections.size()));
  connection->start();
}

void ServerState::remove(Connection& connection) {
  if (gone) return;
  connections.erase(connection.place_);
  open_connections.set(static_cast<double>(connections.size()));
  if (draining && connections.empty() && !emptied.ready()) emptied.complete(true);
}

Connection::Connection(std::shared_ptr<ServerState> server, net::Socket socket, std::string peer)
    : server_(std::move(server)), socket_(std::move(socket)), tls_context_(server_->tls), peer_(std::move(peer)) {
  if (tls_context_) tls_.emplace(socket_, *tls_context_);
}

void Connection::start() {
  serving_ = serve_to_the_end();
  serving_.operator co_await().handle.resume();
}

void Connection::sweep(base::Duration now) {
  if (!deadline_ || now < *deadline_) return;
  deadline_.reset();
  late_ = true;
  server_->timeouts.add();
  net::Error ignored;
  if (waiting_ == Waiting::answer_taken || waiting_ == Waiting::close) {
    socket_.close(ignored);
  } else {
    socket_.cancel(ignored);
  }
}

void Connection::drain() {
  net::Error ignored;
  if (stream_) {
    stream_->close();
  } else if (idle()) {
    socket_.cancel(ignored);
  } else if (waiting_ == Waiting::header || waiting_ == Waiting::body) {
    if (deadline_) deadline_ = std::min(*deadline_, server_->deadline(bounds::kLingerTimeout));
  }
}

void Connection::abort() {
  deadline_.reset();
  net::Error ignored;
  socket_.close(ignored);
}

bool Connection::idle() const {
  const bool reading = waiting_ == Waiting::request || waiting_ == Waiting::header;
  return reading && !parser_->started() && buffer_.size() == 0;
}

void Connection::wait_for(Waiting what) {
  if (what == waiting_) return;  // a phase is timed as a whole, progress does not prolong it
  waiting_ = what;
  deadline_.reset();
  if (what != Waiting::nothing) deadline_ = server_->deadline(timeout_of(what));
}

base::Duration Connection::timeout_of(Waiting what) const {
  switch (what) {
    case Waiting::request:
      return server_->options.idle_timeout;
    case Waiting::header:
      return server_->options.header_timeout;
    case Waiting::body:
      return server_->options.body_timeout;
    case Waiting::answer_taken:
      return server_->options.answer_timeout;
    case Waiting::close:
    case Waiting::nothing:
      break;
  }
  return bounds::kLingerTimeout;
}

base::Task<void> Connection::serve_to_the_end() {
  try {
    co_await serve();
  } catch (const std::exception& error) {
    server_->telemetry.log(platform::LogLevel::error, "request_function_threw", {{"what", error.what()}});
    OW_ASSERT(false, "no exception leaves the request function");
  }
  // The frame is destroyed later, when nothing runs in it.
  deadline_.reset();
  net::Error ignored;
  socket_.close(ignored);
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->server_->remove(*self); });
}

/// Counts as the first request's header, as it is what a client sends first.
base::Task<bool> Connection::shake_hands() {
  wait_for(Waiting::header);
  auto shaken = co_await net::perform<int>(shared_from_this(), [this](auto handler) {
    tls_->async_handshake(asio::ssl::stream_base::server, std::move(handler));
  });
  if (!shaken.error && !late_) co_return true;
  server_->framing_errors.add();
  co_return false;
}

base::Task<net::Outcome<std::size_t>> Connection::read_some() {
  co_return co_await net::perform<std::size_t>(shared_from_this(), [this](auto handler) {
    const auto space = buffer_.prepare(kReadBytes);
    if (tls_) {
      tls_->async_read_some(space, std::move(handler));
    } else {
      socket_.async_read_some(space, std::move(handler));
    }
  });
}

base::Task<void> Connection::serve() {
  if (tls_ && !co_await shake_hands()) co_return;
  bool open = true;
  while (open) {
    const auto received = co_await receive();
    if (received == Received::nothing) co_return;
    Response response;
    AnswerForm form{false, parser_->is_http_1_0()};
    const bool body_wanted = parser_->request().method != "HEAD";
    if (received == Received::request) {
      parser_->request().peer = peer_;
      response = co_await server_->handle(std::move(parser_->request()));
      if (response.status == 0) co_return;
      const bool length_known = !response.stream || !form.http_1_0;
      if (tls_ && server_->options.hsts_max_age_s > 0) {
        response.headers.emplace_back("strict-transport-security",
                                      "max-age=" + std::to_string(server_->options.hsts_max_age_s));
      }
      form.keep_alive = parser_->wants_keep_alive() && !server_->draining && length_known;
    } else {
      response = refusal_answer();
    }
    head_.clear();
    append_head(head_, response, form, server_->date.at(server_->clock.now()));
    const bool with_body = body_wanted && may_have_body(response.status);
    const bool written = co_await write(head_, with_body ? std::string_view(response.body) : std::string_view());
    if (!written) co_return;
    if (with_body && response.stream && !co_await write_stream(response.stream, !form.http_1_0)) co_return;
    const bool drained_meanwhile = response.stream && server_->draining;
    open = form.keep_alive && !drained_meanwhile;
  }
  if (!late_) co_await linger();
}

base::Task<Connection::Received> Connection::receive() {
  const bool first = requests_++ == 0;
  parser_.emplace();
  bool continued = false;
  for (;;) {
    const auto progress = parser_->advance(buffer_);
    if (progress == RequestParser::Progress::refused) co_return refuse(parser_->refusal());
    if (progress == RequestParser::Progress::complete) break;
    if (parser_->header_done()) {
      wait_for(Waiting::body);
    } else {
      const bool begun = first || parser_->started() || buffer_.size() > 0;
      wait_for(begun ? Waiting::header : Waiting::request);
    }
    if (parser_->header_done() && parser_->expects_continue() && !std::exchange(continued, true)) {
      if (!co_await write(kContinue, {})) co_return Received::nothing;
    }
    auto [error, bytes] = co_await read_some();
    buffer_.commit(bytes);
    // A sweep may have come between the arrival of bytes and this line.
    if (!error && waiting_ == Waiting::request) late_ = false;
    if (!error && !late_) continue;
    if (late_ && !idle()) co_return refuse({408, "request_timeout", "The request did not arrive in time."});
    const bool asked_to_drain = server_->draining && !late_ && idle();
    if (!asked_to_drain || !read_what_is_there()) co_return Received::nothing;
  }
  wait_for(Waiting::nothing);
  co_return Received::request;
}

Connection::Received Connection::refuse(Refusal refusal) {
  server_->framing_errors.add();
  refusal_ = std::move(refusal);
  return Received::refusal;
}

Response Connection::refusal_answer() const {
  base::Error error{base::ErrorCode::malformed, refusal_->reason, refusal_->message};
  const auto id = "req_" + std::to_string(server_->clock.now().us) + "_" + std::to_string(++server_->refusals);
  return problem(refusal_->status, error, id);
}

/// A request that crossed our wish to close an idle connection is still served.
bool Connection::read_what_is_there() {
  if (tls_) return false;
  net::Error error;
  buffer_.commit(socket_.read_some(buffer_.prepare(kReadBytes), error));
  return !error;
}

/// True when all is written; else what is left. Skips the event loop: the kernel takes most answers at once.
bool Connection::write_at_once(std::string_view& head, std::string_view& body) {
  if (tls_) return false;
  net::Error error;
  auto written = socket_.write_some(buffers(head, body), error);
  const auto of_head = std::min(written, head.size());
  head.remove_prefix(of_head);
  body.remove_prefix(written - of_head);
  return head.empty() && body.empty();
}

base::Task<bool> Connection::write_rest(std::string_view head, std::string_view body) {
  const auto before = waiting_;
  wait_for(Waiting::answer_taken);
  auto [error, bytes] = co_await net::perform<std::size_t>(shared_from_this(), [&](auto handler) {
    if (tls_) {
      asio::async_write(*tls_, buffers(head, body), std::move(handler));
    } else {
      asio::async_write(socket_, buffers(head, body), std::move(handler));
    }
  });
  wait_for(before);
  co_return !error;
}

base::Task<bool> Connection::write(std::string_view head, std::string_view body) {
  if (write_at_once(head, body)) co_return true;
  co_return co_await write_rest(head, body);
}

base::Task<bool> Connection::write_stream(std::shared_ptr<BodyStream> stream, bool chunked) {
  stream_ = std::move(stream);
  if (server_->draining) stream_->close();
  watch_for_farewell();
  bool taken = true;
  std::string framed;
  for (bool ended = false; taken && !ended;) {
    const std::string bytes = co_await stream_->next();
    ended = bytes.empty();
    framed.clear();
    if (chunked) append_chunk(framed, bytes);
    taken = co_await write(chunked ? framed : bytes, {});
  }
  stream_->close();
  stream_.reset();
  net::Error ignored;
  if (taken && !tls_) socket_.cancel(ignored);  // the watch
  co_return taken;
}

void Connection::watch_for_farewell() {
  if (tls_) return;  // a farewell cannot be told from other records; the next heartbeat finds out
  socket_.async_wait(net::Socket::wait_read, [self = shared_from_this(), stream = stream_](net::Error error) {
    if (error) return;
    char byte = 0;
    self->socket_.receive(asio::buffer(&byte, 1), net::Socket::message_peek, error);
    // Nothing to read after all, or the next request: both are no farewell.
    if (error && error != asio::error::would_block) stream->close();
  });
}

/// A client that still sends would lose our answer to a reset if we closed at once (RFC 9112 section 9.6).
base::Task<void> Connection::linger() {
  if (tls_) co_return co_await say_goodbye();
  net::Error error;
  socket_.shutdown(net::Socket::shutdown_send, error);
  wait_for(Waiting::close);
  std::size_t dropped = 0;
  while (!error && dropped < kLingerBytesMax) {
    buffer_.clear();
    auto read = co_await read_some();
    error = read.error;
    dropped += read.value;
  }
}

/// close_notify, so that the client can tell the end from a truncation (RFC 8446 section 6.1).
base::Task<void> Connection::say_goodbye() {
  wait_for(Waiting::close);
  co_await net::perform<int>(shared_from_this(), [this](auto handler) { tls_->async_shutdown(std::move(handler)); });
}

}  // namespace ow::http
