// See client_exchange.h.
#include "local/client_exchange.h"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include "local/client_tls.h"

namespace ow::local {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Resolver = asio::ip::basic_resolver<Tcp, net::LoopExecutor>;

namespace {

constexpr std::size_t kReadBytes = 8 << 10;

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return alphanumeric || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_framing(std::string_view name) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower == "host" || lower == "content-length" || lower == "transfer-encoding" || lower == "connection";
}

tl::unexpected<base::Error> malformed(const std::string& what) {
  return base::fail(base::ErrorCode::malformed, "malformed_request", what);
}

}  // namespace

base::Result<std::string> request_head(const platform::HttpRequest& request, const ClientUrl& url) {
  if (!is_token(request.method)) return malformed("The request's method is not a token.");
  std::string head = request.method + " " + url.target + " HTTP/1.1\r\nhost: " + url.authority + "\r\n";
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || is_framing(name)) return malformed("The request must not set the header " + name + ".");
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
      return malformed("The header " + name + " holds a line break.");
    }
    head.append(name).append(": ").append(value).append("\r\n");
  }
  const bool says_length = !request.body.empty() || (request.method != "GET" && request.method != "HEAD");
  if (says_length) head.append("content-length: ").append(std::to_string(request.body.size())).append("\r\n");
  return head += "\r\n";
}

namespace {

/// Connections are shared by requests to one origin at the same addresses.
std::string connection_key(const platform::HttpRequest& request, const ClientUrl& url) {
  std::string key = url.origin();
  for (const auto& address : request.addresses) key.append(" ").append(address);
  return key;
}

/// Where to connect when that needs no name service; nothing when the host is a name.
std::vector<Tcp::endpoint> given_endpoints(const platform::HttpRequest& request, const ClientUrl& url) {
  std::vector<Tcp::endpoint> endpoints;
  const auto add = [&](const std::string& text) {
    net::Error not_an_address;
    const auto address = asio::ip::make_address(text, not_an_address);
    if (!not_an_address) endpoints.emplace_back(address, url.port);
  };
  if (request.addresses.empty()) add(url.host);
  for (const auto& text : request.addresses) add(text);
  return endpoints;
}

}  // namespace

base::Result<void> check_addresses(const platform::HttpRequest& request) {
  for (const auto& text : request.addresses) {
    net::Error not_an_address;
    static_cast<void>(asio::ip::make_address(text, not_an_address));
    if (not_an_address) return malformed("Not an address: " + text + ".");
  }
  return {};
}

Exchange::Exchange(std::shared_ptr<ClientPool> pool, platform::HttpRequest request, ClientUrl url, std::string head)
    : pool_(std::move(pool)),
      request_(std::move(request)),
      url_(std::move(url)),
      head_(std::move(head)),
      origin_(connection_key(request_, url_)) {
  deadline = SteadyClock::now() + request_.timeout;
}

void Exchange::start() {
  pool_->watch(*this);
  running_ = run();
  running_.operator co_await().handle.resume();
}

void Exchange::lend(std::shared_ptr<Wire> wire) {
  asio::post(pool_->loop(), [self = shared_from_this(), wire = std::move(wire)]() mutable {
    if (!self->finished_) self->lent_.complete(std::move(wire));
  });
}

void Exchange::abandon() {
  if (std::exchange(finished_, true)) return;
  Watched::unlink();
  if (Borrower::is_linked()) Borrower::unlink();
  if (wire_) wire_->close();
}

void Exchange::finish(Answer result) {
  if (std::exchange(finished_, true)) return;
  Watched::unlink();
  if (Borrower::is_linked()) Borrower::unlink();
  answer.complete(std::move(result));
}

void Exchange::fail(base::ErrorCode code, std::string reason, const std::string& what) {
  finish(base::fail(code, std::move(reason), what + " (" + origin_ + ")."));
}

void Exchange::expire() {
  if (wire_) wire_->close();
  if (sent_) return fail(base::ErrorCode::timed_out, "no_answer_in_time", "No answer came in time");
  fail(base::ErrorCode::unavailable, "no_connection", "No connection could be made in time");
}

base::Task<void> Exchange::run() {
  wire_ = pool_->acquire(origin_);
  if (!wire_) {
    pool_->wait(*this);
    wire_ = co_await lent_;
  }
  const bool reused = wire_->connected;
  bool connected = reused || co_await connect();
  bool written = connected && co_await write_request();
  // The kernel took no byte, so the peer saw none. Once any byte was taken an end without an answer leaves
  // open whether the request was processed: that is timed_out, never a second try.
  if (!finished_ && reused && !written && !sent_) {
    wire_ = pool_->replace(std::move(wire_));
    connected = co_await connect();
    written = connected && co_await write_request();
  }
  if (written) {
    co_await read_answer();
  } else if (sent_) {
    fail(base::ErrorCode::timed_out, "connection_lost", "The connection was lost: " + last_error_);
  } else {
    fail(base::ErrorCode::unavailable, "no_connection", "No connection: " + last_error_);
  }
  wire_.reset();
}

base::Task<bool> Exchange::connect() {
  if (!co_await connect_socket() || finished_) co_return false;
  auto wire = wire_;
  net::Error error;
  wire->socket.set_option(Tcp::no_delay(true), error);
  wire->socket.non_blocking(true, error);
  if (url_.tls) {
    const auto context = pool_->tls_context();
    if (!context) last_error_ = context.error().message;
    if (!context) co_return false;
    wire->tls = std::make_unique<asio::ssl::stream<net::Socket&>>(wire->socket, **context);
    expect_host(*wire->tls, url_.host);
    auto shaken = co_await net::perform<int>(shared_from_this(), [&](auto handler) {
      wire->tls->async_handshake(asio::ssl::stream_base::client, std::move(handler));
    });
    last_error_ = "TLS: " + shaken.error.message();
    if (shaken.error) co_return false;
  }
  wire->connected = true;
  co_return !finished_;
}

base::Task<bool> Exchange::connect_socket() {
  auto wire = wire_;
  auto endpoints = given_endpoints(request_, url_);
  if (endpoints.empty()) {
    Resolver resolver(pool_->loop());
    auto resolved = co_await net::perform<Resolver::results_type>(shared_from_this(), [&](auto handler) {
      resolver.async_resolve(url_.host, std::to_string(url_.port), std::move(handler));
    });
    last_error_ = resolved.error.message();
    for (const auto& entry : resolved.value) endpoints.push_back(entry.endpoint());
  }
  for (const auto& endpoint : endpoints) {
    if (finished_) co_return false;
    wire->close();
    auto outcome = co_await net::perform<int>(
        shared_from_this(), [&](auto handler) { wire->socket.async_connect(endpoint, std::move(handler)); });
    if (!outcome.error) co_return true;
    last_error_ = outcome.error.message();
  }
  co_return false;
}

base::Task<bool> Exchange::write_request() {
  auto wire = wire_;
  const std::array<asio::const_buffer, 2> all{asio::buffer(head_), asio::buffer(request_.body)};
  if (wire->tls) {
    sent_ = true;
    auto outcome = co_await net::perform<std::size_t>(
        shared_from_this(), [&](auto handler) { asio::async_write(*wire->tls, all, std::move(handler)); });
    last_error_ = outcome.error.message();
    co_return !outcome.error;
  }
  net::Error error;
  const auto written = wire->socket.write_some(all, error);
  sent_ = written > 0;
  if (written == head_.size() + request_.body.size()) co_return true;
  last_error_ = error.message();
  if (error && error != asio::error::would_block) co_return false;
  auto of_head = std::min(written, head_.size());
  const std::array<asio::const_buffer, 2> rest{asio::buffer(head_) + of_head,
                                               asio::buffer(request_.body) + (written - of_head)};
  sent_ = true;
  auto outcome = co_await net::perform<std::size_t>(
      shared_from_this(), [&](auto handler) { asio::async_write(wire->socket, rest, std::move(handler)); });
  last_error_ = outcome.error.message();
  co_return !outcome.error;
}

base::Task<void> Exchange::read_answer() {
  auto wire = wire_;
  std::optional<AnswerParser> parser;
  const auto begin = [&] {
    parser.emplace(request_.answer_bytes_max, request_.method == "HEAD", request_.cut_long_answer);
  };
  begin();
  auto progress = AnswerParser::Progress::more;
  while (progress == AnswerParser::Progress::more) {
    auto [error, bytes] = co_await net::perform<std::size_t>(shared_from_this(), [&](auto handler) {
      auto space = wire->buffer.prepare(kReadBytes);
      if (wire->tls) {
        wire->tls->async_read_some(space, std::move(handler));
      } else {
        wire->socket.async_read_some(space, std::move(handler));
      }
    });
    wire->buffer.commit(bytes);
    if (!error) progress = parser->advance(wire->buffer);
    if (error == asio::error::eof) progress = parser->finish();  // over TLS any other end may be a truncation
    if (error && progress == AnswerParser::Progress::more) {
      co_return fail(base::ErrorCode::timed_out, "connection_lost", "The connection was lost: " + error.message());
    }
    while (progress == AnswerParser::Progress::complete && parser->interim()) {
      begin();
      progress = parser->advance(wire->buffer);
    }
  }
  if (progress == AnswerParser::Progress::complete) co_return take(*parser);
  wire->close();
  if (progress == AnswerParser::Progress::too_large) {
    co_return fail(base::ErrorCode::too_large, "answer_too_large", "The answer is too large");
  }
  fail(base::ErrorCode::internal, "not_http", "The answer is not HTTP");
}

void Exchange::take(AnswerParser& parser) {
  const bool whole = wire_->buffer.size() == 0;
  if (parser.wants_keep_alive() && whole && !finished_) {
    pool_->keep(std::move(wire_));
  } else {
    wire_->close();
  }
  finish(std::move(parser.answer()));
}

}  // namespace ow::local
