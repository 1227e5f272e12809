// HTTP between simulated processes, with the faults of a real network. SimNetwork belongs to the world and
// knows which process serves which base URL; SimHttpClient is the port as one process has it. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/http_client.h"
#include "sim/world/history.h"
#include "sim/world/sim_executor.h"
#include "sim/world/sim_random.h"

namespace ow::sim {

/// What goes wrong with one request.
enum class NetworkFault : std::uint8_t {
  none,
  refused,     // no connection: certainly not processed
  reset,       // lost before delivery; the client cannot tell
  reply_lost,  // processed; the client sees a reset
  silent,      // processed; the client hears nothing until its time-out
  late,        // delivered only after the client's time-out
  duplicated,  // delivered twice; the first reply counts
};

/// Chances of a request to meet each fault, in a thousand; the rest arrives within `delay_max` each way.
struct NetworkWeather {
  std::uint32_t refused = 0;
  std::uint32_t reset = 0;
  std::uint32_t reply_lost = 0;
  std::uint32_t silent = 0;
  std::uint32_t late = 0;
  std::uint32_t duplicated = 0;
  base::Duration delay_max = std::chrono::milliseconds(3);
};

class SimNetwork {
 public:
  /// Answers a request inside the serving process. Status 0: the connection ends without an answer.
  using Handler = std::function<base::Task<platform::HttpAnswer>(platform::HttpRequest request)>;

  SimNetwork(SimRandom random, History& history) : random_(random), history_(history) {}

  /// `base_url` ("http://gateway") and everything below it is served by the process, until it is taken away;
  /// take it away before the process ends.
  void serve(std::string base_url, SimExecutor& process, Handler handler);
  void take_away(const std::string& base_url) { hosts_.erase(base_url); }

  void set_weather(NetworkWeather weather) { weather_ = weather; }
  /// The n-th request from now on (1: the next) whose URL begins with `url_prefix` meets this fault.
  void plan(std::string url_prefix, std::uint64_t nth, NetworkFault fault);
  std::uint64_t requests() const { return requests_; }
  /// Requests that met a fault, planned or by weather.
  std::uint64_t faults() const { return faults_; }

 private:
  friend class SimHttpClient;

  struct Host {
    SimExecutor* process;
    std::shared_ptr<Handler> handler;
  };
  struct Planned {
    std::string url_prefix;
    std::uint64_t remaining;
    NetworkFault fault;
  };
  struct Call;

  const Host* find(std::string_view url) const;
  NetworkFault fate(const std::string& url);
  NetworkFault drawn();
  base::Duration delay();
  void deliver(std::shared_ptr<Call> call, base::Duration after, bool answered);
  static base::Task<void> answer(SimNetwork& network, std::shared_ptr<Handler> handler,
                                 std::shared_ptr<Call> call, bool answered);
  static void settle(const std::shared_ptr<Call>& call, base::Duration after,
                     base::Result<platform::HttpAnswer> result);

  SimRandom random_;
  History& history_;
  NetworkWeather weather_;
  std::map<std::string, Host, std::less<>> hosts_;
  std::vector<Planned> plans_;
  std::uint64_t requests_ = 0;
  std::uint64_t faults_ = 0;
};

class SimHttpClient final : public platform::HttpClient {
 public:
  /// Both must outlive this.
  SimHttpClient(SimNetwork& network, SimExecutor& process) : network_(network), process_(process) {}

  base::Task<base::Result<platform::HttpAnswer>> send(platform::HttpRequest request) override;

 private:
  SimNetwork& network_;
  SimExecutor& process_;
};

}  // namespace ow::sim
