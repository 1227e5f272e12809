// See script_server.h.
#include "tests/local/script_server.h"

#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ow::local {

namespace {

std::size_t body_length(const std::string& head) {
  const auto at = head.find("content-length: ");
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
}

}  // namespace

ScriptServer::Peer::~Peer() {
  if (fd_ >= 0) close(fd_);
}

void ScriptServer::Peer::shut_down() {
  const std::lock_guard lock(mutex_);
  if (fd_ >= 0) ::shutdown(fd_, SHUT_RDWR);
}

std::string ScriptServer::Peer::read_request() {
  for (;;) {
    const auto head_end = unread_.find("\r\n\r\n");
    if (head_end != std::string::npos) {
      const auto whole = head_end + 4 + body_length(unread_.substr(0, head_end));
      if (unread_.size() >= whole) {
        auto request = unread_.substr(0, whole);
        unread_.erase(0, whole);
        return request;
      }
    }
    char bytes[4096];
    const auto received = ::recv(fd_, bytes, sizeof(bytes), 0);
    if (received <= 0) return std::exchange(unread_, {});
    unread_.append(bytes, static_cast<std::size_t>(received));
  }
}

void ScriptServer::Peer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void ScriptServer::Peer::wait_for_close() {
  char byte = 0;
  while (::recv(fd_, &byte, 1, 0) > 0) {
  }
}

void ScriptServer::Peer::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  const std::lock_guard lock(mutex_);
  close(std::exchange(fd_, -1));
}

ScriptServer::ScriptServer(std::vector<Script> scripts) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  ::listen(listener_, 64);
  socklen_t size = sizeof(address);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this, scripts = std::move(scripts)]() mutable { run(std::move(scripts)); });
}

ScriptServer::~ScriptServer() {
  ::shutdown(listener_, SHUT_RDWR);
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    for (const auto& peer : peers_) {
      if (const auto alive = peer.lock()) alive->shut_down();
    }
  }
  thread_.join();
  close(listener_);
}

void ScriptServer::run(std::vector<Script> scripts) {
  std::vector<std::thread> peers;
  for (;;) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) break;
    const auto number = static_cast<std::size_t>(connections_++);
    peers.emplace_back([peer = admit(fd), script = number < scripts.size() ? scripts[number] : Script()]() mutable {
      if (script) script(*peer);
      peer.reset();
    });
  }
  for (auto& peer : peers) peer.join();
}

std::shared_ptr<ScriptServer::Peer> ScriptServer::admit(int fd) {
  const std::lock_guard lock(mutex_);
  auto peer = std::make_shared<Peer>(fd);
  peers_.push_back(peer);
  if (ending_) peer->shut_down();
  return peer;
}

std::string ScriptServer::url(std::string_view path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

void serve_politely(ScriptServer::Peer& peer) {
  for (auto request = peer.read_request(); !request.empty(); request = peer.read_request()) {
    const auto target = request.substr(request.find(' ') + 1);
    const auto body = target.substr(0, target.find(' '));
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\nX-Case: Kept\r\n\r\n" + body);
  }
}

ScriptServer::Script answer_with(std::string bytes) {
  return [bytes = std::move(bytes)](ScriptServer::Peer& peer) {
    peer.read_request();
    peer.send(bytes);
  };
}

}  // namespace ow::local
