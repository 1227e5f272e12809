// See server_rig.h.
#include "tests/http/server_rig.h"

#include <future>
#include <utility>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ow::http {

namespace {

constexpr timeval kPatience{.tv_sec = 20, .tv_usec = 0};

std::map<std::string, std::string> parse_headers(std::string_view lines) {
  std::map<std::string, std::string> headers;
  while (!lines.empty()) {
    const auto end = lines.find("\r\n");
    const auto line = lines.substr(0, end);
    const auto colon = line.find(": ");
    if (colon == std::string_view::npos) break;
    headers[std::string(line.substr(0, colon))] = std::string(line.substr(colon + 2));
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 2);
  }
  return headers;
}

}  // namespace

RawClient::RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    close(fd_);
    fd_ = -1;
  }
}

RawClient::~RawClient() {
  if (fd_ >= 0) close(fd_);
}

void RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void RawClient::finish_sending() { shutdown(fd_, SHUT_WR); }

void RawClient::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  close(std::exchange(fd_, -1));
}

bool RawClient::read_more() {
  char bytes[16384];
  const auto received = ::recv(fd_, bytes, sizeof(bytes), 0);
  if (received > 0) unread_.append(bytes, static_cast<std::size_t>(received));
  return received > 0;
}

std::optional<RawAnswer> RawClient::read_answer(bool has_body) {
  auto end = unread_.find("\r\n\r\n");
  for (; end == std::string::npos; end = unread_.find("\r\n\r\n")) {
    if (!read_more()) return std::nullopt;
  }
  RawAnswer answer;
  const auto first_line = unread_.find("\r\n");
  if (!unread_.starts_with("HTTP/1.1 ")) return std::nullopt;
  answer.status = std::stoi(unread_.substr(9, 3));
  answer.headers = parse_headers(std::string_view(unread_).substr(first_line + 2, end - first_line));
  const auto length =
      has_body && answer.headers.contains("content-length") ? std::stoul(answer.headers["content-length"]) : 0;
  while (unread_.size() < end + 4 + length) {
    if (!read_more()) return std::nullopt;
  }
  answer.body = unread_.substr(end + 4, length);
  unread_.erase(0, end + 4 + length);
  return answer;
}

std::string RawClient::read_some() {
  if (unread_.empty()) read_more();
  return std::exchange(unread_, {});
}

bool RawClient::closed() {
  if (!unread_.empty()) return false;
  char byte = 0;
  const auto received = ::recv(fd_, &byte, 1, 0);
  return received == 0 || (received < 0 && errno == ECONNRESET);
}

ServerRig::ServerRig(Server::Handle handle, ServerOptions options)
    : server_(std::make_unique<Server>(executor_.loop(), clock_, telemetry_, std::move(handle))) {
  options.port = 0;
  const auto listening = server_->listen(options);
  EXPECT_TRUE(listening.has_value());
  thread_ = std::thread([this] { executor_.run(); });
}

ServerRig::~ServerRig() {
  executor_.request_stop();
  thread_.join();
}

base::Task<void> ServerRig::drain_then(std::function<void()> drained) {
  co_await server_->drain();
  drained();
}

void ServerRig::drain(std::function<void()> drained) {
  executor_.post([this, drained = std::move(drained)] { executor_.spawn(drain_then(drained)); });
}

void ServerRig::on_loop(const std::function<void()>& job) {
  std::promise<void> done;
  executor_.post([&] {
    job();
    done.set_value();
  });
  done.get_future().wait();
}

base::Task<Response> echo(Request request) {
  Response response;
  response.content_type = "text/plain";
  response.body = request.method + " " + request.target + " " + request.body;
  co_return response;
}

std::string get(std::string_view target) { return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n"; }

}  // namespace ow::http
