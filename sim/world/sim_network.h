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
#include "platform/resolver.h"
#include "sim/world/history.h"
#include "sim/world/sim_clock.h"
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
  static constexpr int kGarbage = -1;
  /// Answers a request inside the serving process. Status 0: the connection ends without an answer; kGarbage: the
  /// answer is not HTTP.
  using Handler = std::function<base::Task<platform::HttpAnswer>(platform::HttpRequest request)>;

  SimNetwork(SimRandom random, History& history) : random_(random), history_(history) {}

  /// `base_url` ("http://gateway") and everything below it is served by the process, until it is taken away;
  /// take it away before the process ends.
  void serve(std::string base_url, SimExecutor& process, Handler handler);
  void take_away(const std::string& base_url) { hosts_.erase(base_url); }

  /// The same for requests that name the address they connect to, whatever their URL.
  void serve_at(const std::string& address, SimExecutor& process, Handler handler) {
    serve(kAt + address, process, std::move(handler));
  }
  void take_away_at(const std::string& address) { take_away(kAt + address); }
  /// What a name resolves to: the n-th look-up gets the n-th answer, and over again. An empty answer: no such name.
  void name(std::string host, std::vector<std::vector<std::string>> answers);

  void set_weather(NetworkWeather weather) { weather_ = weather; }
  /// The n-th request from now on (1: the next) whose URL begins with `url_prefix` meets this fault.
  void plan(std::string url_prefix, std::uint64_t nth, NetworkFault fault);
  std::uint64_t requests() const { return requests_; }
  /// Requests that met a fault, planned or by weather.
  std::uint64_t faults() const { return faults_; }

 private:
  friend class SimHttpClient;
  friend class SimResolver;
  static constexpr const char* kAt = "at ";

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

  struct Name {
    std::vector<std::vector<std::string>> answers;
    std::size_t next = 0;
  };

  const Host* find(const platform::HttpRequest& request) const;
  base::Result<std::vector<std::string>> look_up(const std::string& name);
  NetworkFault fate(const std::string& url);
  NetworkFault drawn();
  base::Duration delay();
  void deliver(std::shared_ptr<Call> call, base::Duration after, bool answered);
  static base::Task<void> answer(SimNetwork& network, std::shared_ptr<Handler> handler, std::shared_ptr<Call> call,
                                 bool answered);
  static void settle(const std::shared_ptr<Call>& call, base::Duration after,
                     base::Result<platform::HttpAnswer> result);

  SimRandom random_;
  History& history_;
  NetworkWeather weather_;
  std::map<std::string, Host, std::less<>> hosts_;
  std::map<std::string, Name, std::less<>> names_;
  std::vector<Planned> plans_;
  std::uint64_t requests_ = 0;
  std::uint64_t faults_ = 0;
};

/// SimNetwork's names as one process asks for them.
class SimResolver final : public platform::Resolver {
 public:
  SimResolver(SimNetwork& network, SimExecutor& process, const SimClock& clock)
      : network_(network), process_(process), clock_(clock) {}
  base::Task<base::Result<std::vector<std::string>>> resolve(std::string name) override;

 private:
  SimNetwork& network_;
  SimExecutor& process_;
  const SimClock& clock_;
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
