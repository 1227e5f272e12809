// See answer_follower.h.
#include "local/answer_follower.h"

#include <array>
#include <optional>
#include <thread>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "local/client_exchange.h"
#include "local/client_tls.h"
#include "local/client_url.h"
#include "net/operation.h"

namespace ow::local {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Tcp = asio::ip::tcp;

namespace {

constexpr std::size_t kFollowReadBytes = 16 << 10;
constexpr std::size_t kRefusalBytesMax = 64 << 10;

base::Error lost(const ClientUrl& url, const std::string& what) {
  return {base::ErrorCode::unavailable, "no_connection", "No connection: " + what + " (" + url.origin() + ")."};
}

class Following {
 public:
  Following(FollowRequest request, ClientUrl url, std::string head)
      : request_(std::move(request)), url_(std::move(url)), head_(std::move(head)), socket_(loop_) {
    parser_.body_limit(boost::none);
  }

  base::Result<platform::HttpAnswer> run();

 private:
  template <typename Start>
  net::Error wait(Start start);
  base::Result<void> connect();
  net::Error write();
  net::Error read();
  /// Feeds what was read to the parser; false when the caller has enough.
  base::Result<bool> advance();
  bool deliver(std::string_view bytes);

  FollowRequest request_;
  ClientUrl url_;
  std::string head_;
  asio::io_context loop_{1};
  net::Socket socket_;
  std::unique_ptr<asio::ssl::context> context_;
  std::unique_ptr<asio::ssl::stream<net::Socket&>> tls_;
  boost::beast::flat_buffer buffer_;
  http::response_parser<http::buffer_body> parser_;
  platform::HttpAnswer answer_;
};

/// One operation to its end, or until there was silence for too long.
template <typename Start>
net::Error Following::wait(Start start) {
  std::optional<net::Error> outcome;
  start([&](net::Error error, auto&&...) { outcome = error; });
  loop_.restart();
  loop_.run_for(request_.silence_max);
  if (outcome) return *outcome;
  net::Error ignored;
  socket_.close(ignored);
  loop_.run();
  return asio::error::timed_out;
}

base::Result<void> Following::connect() {
  asio::ip::basic_resolver<Tcp, net::LoopExecutor> resolver(loop_);
  net::Error error;
  const auto endpoints = resolver.resolve(url_.host, std::to_string(url_.port), error);
  if (!error) {
    error = wait([&](auto done) { asio::async_connect(socket_, endpoints, std::move(done)); });
  }
  if (error) return base::fail(lost(url_, error.message()));
  if (!url_.tls) return {};
  auto context = make_client_tls(request_.ca_file);
  if (!context) return base::fail(context.error());
  context_ = std::move(*context);
  tls_ = std::make_unique<asio::ssl::stream<net::Socket&>>(socket_, *context_);
  expect_host(*tls_, url_.host);
  error = wait([&](auto done) { tls_->async_handshake(asio::ssl::stream_base::client, std::move(done)); });
  if (error) return base::fail(lost(url_, "TLS: " + error.message()));
  return {};
}

net::Error Following::write() {
  return wait([&](auto done) {
    if (tls_) {
      asio::async_write(*tls_, asio::buffer(head_), std::move(done));
    } else {
      asio::async_write(socket_, asio::buffer(head_), std::move(done));
    }
  });
}

net::Error Following::read() {
  auto space = buffer_.prepare(kFollowReadBytes);
  std::size_t got = 0;
  const auto error = wait([&](auto done) {
    auto handler = [&got, done](net::Error failed, std::size_t bytes) mutable {
      got = bytes;
      done(failed);
    };
    if (tls_) {
      tls_->async_read_some(space, handler);
    } else {
      socket_.async_read_some(space, handler);
    }
  });
  buffer_.commit(got);
  return error;
}

bool Following::deliver(std::string_view bytes) {
  if (answer_.status == 200) return bytes.empty() || request_.take(bytes);
  answer_.body += bytes;
  return answer_.body.size() < kRefusalBytesMax;
}

base::Result<bool> Following::advance() {
  std::array<char, kFollowReadBytes> piece;
  while (buffer_.size() > 0 && !parser_.is_done()) {
    auto& body = parser_.get().body();
    body.data = piece.data();
    body.size = piece.size();
    body.more = true;
    net::Error error;
    const auto used = parser_.put(buffer_.data(), error);
    buffer_.consume(used);
    if (parser_.is_header_done()) answer_.status = static_cast<int>(parser_.get().result_int());
    if (!deliver({piece.data(), piece.size() - body.size})) return false;
    if (error == http::error::need_more) return true;
    if (error && error != http::error::need_buffer) {
      return base::fail(base::ErrorCode::internal, "not_http", "The answer is not HTTP (" + url_.origin() + ").");
    }
  }
  return true;
}

base::Result<platform::HttpAnswer> Following::run() {
  if (auto connected = connect(); !connected) return base::fail(connected.error());
  if (const auto error = write()) return base::fail(lost(url_, error.message()));
  while (!parser_.is_done()) {
    const auto error = read();
    auto more = advance();
    if (!more) return base::fail(more.error());
    if (!*more) break;
    if (error) return base::fail(lost(url_, error.message()));
  }
  return std::move(answer_);
}

}  // namespace

base::Result<platform::HttpAnswer> follow(FollowRequest request) {
  auto url = parse_client_url(request.url);
  if (!url) return base::fail(std::move(url.error()));
  std::this_thread::sleep_for(request.delay);
  auto head = request_head({.url = request.url, .headers = request.headers}, *url);
  if (!head) return base::fail(std::move(head.error()));
  return Following(std::move(request), std::move(*url), std::move(*head)).run();
}

}  // namespace ow::local
