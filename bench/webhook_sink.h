// A receiver of webhooks that costs as little as can be: one thread with many ports of 127.0.0.1, keep-alive, a fixed
// 200 for every POST, or no answer at all on the ports that hang. Constructed and asked by the main thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "platform/clock.h"

namespace ow::bench {

/// Marks where a body says when its event was made, in microseconds of Clock::ticks.
inline constexpr const char* kTicksMark = "\"ticks\":";

class WebhookSink {
 public:
  /// Opens `ports` ports; the first `hanging` of them never answer.
  WebhookSink(const platform::Clock& clock, std::size_t ports, std::size_t hanging = 0);
  ~WebhookSink();
  WebhookSink(const WebhookSink&) = delete;
  WebhookSink& operator=(const WebhookSink&) = delete;

  const std::vector<std::uint16_t>& ports() const { return ports_; }
  /// Requests that were answered.
  std::uint64_t answered() const { return answered_.load(); }
  /// Processor time of its thread, in microseconds.
  double cpu_us() const;
  /// Lets the connections that hang go, as if the receivers had died.
  void end_hanging();
  /// From event to arrival, in microseconds, of what was answered since the last call.
  std::vector<std::int64_t> take_latencies();

 private:
  struct Connection {
    std::string unread;
    bool hangs = false;
  };
  struct Socket {
    int descriptor = -1;
    bool listens = false;
    Connection connection = {};
  };

  void run();
  void open_port(bool hangs);
  void watch(std::unique_ptr<Socket> socket);
  void accept_all(const Socket& listener);
  /// False when the connection ended.
  bool serve(Socket& socket);
  void take_requests(Socket& socket);
  void note_latency(std::string_view body);

  const platform::Clock& clock_;
  int poll_ = -1;
  std::vector<std::uint16_t> ports_;
  std::vector<std::unique_ptr<Socket>> sockets_;  // by descriptor
  std::atomic<std::uint64_t> answered_{0};
  std::atomic<bool> ending_{false};
  std::atomic<bool> ending_hanging_{false};
  std::atomic<int> thread_id_{0};
  std::mutex latencies_mutex_;
  std::vector<std::int64_t> latencies_;
  std::thread thread_;  // last: it uses all of the above
};

/// Processor time of all threads of this process but the sink's, in microseconds.
double cpu_us_without(const WebhookSink& sink);

/// From now on this thread, and those it starts, run on this core only; nothing happens where there is none.
void stay_on_core(int core);

struct BareExchanges {
  double per_second = 0;
  double cpu_us = 0;  // of the client, each
};

/// What this machine can do at most: `request` sent and its answer read by one thread with bare sockets over as many
/// connections, for about `seconds`.
BareExchanges bare_exchanges(const platform::Clock& clock, std::uint16_t port, const std::string& request,
                             std::size_t connections, double seconds);

}  // namespace ow::bench
