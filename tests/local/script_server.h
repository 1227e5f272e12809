// A server that does to one connection after the other what the test says: for what a correct HTTP server
// never does. Its thread runs the scripts; a script that is not there yet is waited for.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace ow::local {

class ScriptServer {
 public:
  /// One accepted connection, blocking. Closed when the script returns.
  class Peer {
   public:
    explicit Peer(int fd) : fd_(fd) {}
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    ~Peer();
    /// Reads up to the end of one request; what was read, less when the client went.
    std::string read_request();
    void send(std::string_view bytes);
    /// Waits until the client has closed.
    void wait_for_close();
    void reset();
    /// Any thread.
    void shut_down();
    int fd() const { return fd_; }

   private:
    std::mutex mutex_;  // closing against shut_down()
    int fd_;
    std::string unread_;
  };
  using Script = std::function<void(Peer& peer)>;

  /// The n-th connection gets the n-th script; further ones are closed at once.
  explicit ScriptServer(std::vector<Script> scripts);
  ~ScriptServer();

  std::string url(std::string_view path = "/") const;
  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }

 private:
  void run(std::vector<Script> scripts);
  std::shared_ptr<Peer> admit(int fd);

  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  std::vector<std::weak_ptr<Peer>> peers_;
  bool ending_ = false;
  std::thread thread_;
};

/// Answers every request of a connection with 200 and its own target.
void serve_politely(ScriptServer::Peer& peer);
/// Reads one request and answers with these bytes, then closes.
ScriptServer::Script answer_with(std::string bytes);

}  // namespace ow::local
