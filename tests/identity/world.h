// What an Identity needs around it, in memory: a store, secrets, an outside issuer's address, all on the
// simulated executor.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "identity/identity.h"
#include "sim/world/sim_clock.h"
#include "sim/world/sim_executor.h"
#include "sim/world/sim_random.h"

namespace ow::identity {

/// Records by key; commits of puts and erases with an expectation, as identity makes them. Events are kept.
class MapStore final : public platform::Store {
 public:
  explicit MapStore(const platform::Clock& clock) : clock_(clock) {}
  base::Task<base::Result<std::vector<platform::RecordPtr>>> get(std::vector<platform::Key> keys) override;
  base::Task<base::Result<std::vector<std::optional<platform::Counter>>>> counters(
      std::vector<platform::Key> keys) override;
  base::Task<base::Result<platform::Page>> query(platform::Query query) override;
  base::Task<base::Result<platform::CommitOutcome>> commit(platform::Commit commit) override;

  std::map<platform::Key, platform::Record> records;
  std::vector<platform::EventDraft> events;

 private:
  const platform::Record* live(const platform::Key& key) const;

  const platform::Clock& clock_;
  platform::Version last_version_ = 0;
};

class MapSecrets final : public platform::Secrets {
 public:
  base::Result<std::optional<std::string>> get(const std::string& name) override;
  base::Result<void> put(const std::string& name, const std::string& bytes) override;

  std::map<std::string, std::string> secrets;
};

/// Counts, and forgets everything else.
class CountingTelemetry final : public platform::Telemetry {
 public:
  platform::CounterMetric& counter(std::string_view name, platform::Labels labels) override;
  platform::GaugeMetric& gauge(std::string_view name, platform::Labels labels) override;
  platform::HistogramMetric& histogram(std::string_view name, platform::Labels labels) override;
  void log(platform::LogLevel level, std::string_view event, const platform::Labels& fields) override;

  std::uint64_t count(const std::string& name, const std::string& result) const;
  std::vector<std::string> events;

 private:
  struct Counter final : platform::CounterMetric {
    void add(std::uint64_t amount) override { value += amount; }
    std::uint64_t value = 0;
  };
  std::map<std::string, Counter> counters_;
};

/// Answers every request with what `answer` holds after a tick of the loop.
class ScriptedHttpClient final : public platform::HttpClient {
 public:
  /// `executor` is looked at when a request is sent.
  explicit ScriptedHttpClient(const std::unique_ptr<sim::SimExecutor>& executor) : executor_(executor) {}
  base::Task<base::Result<platform::HttpAnswer>> send(platform::HttpRequest request) override;

  base::Result<platform::HttpAnswer> answer = platform::HttpAnswer{.status = 200};
  std::vector<std::string> urls;

 private:
  const std::unique_ptr<sim::SimExecutor>& executor_;
};

/// A process with an Identity in it. argon2id at its least, as these tests are not about its cost.
struct World {
  World();
  ~World();

  IdentityPorts ports();
  /// Replaces `identity` and starts it, as a restart would.
  base::Result<void> restart(IdentityOptions options = {});
  base::UserId add_user(const std::string& name, const std::string& password, const std::string& role = "shopper");
  base::Result<http::Reply> sign_in(const std::string& name, const std::string& password,
                                    const std::string& peer = "10.0.0.1");
  /// The token of a sign-in that succeeds.
  std::string token_of(const std::string& name, const std::string& password);
  base::Result<http::Principal> authenticate(const std::string& token);
  http::Response get(const std::string& pattern);
  /// Runs a route's handler and commits its reply, as the edge does for an admin.
  base::Result<http::Response> call(const std::string& method, const std::string& pattern,
                                    http::RequestContext context = {});

  sim::SimClock clock;
  sim::History history;
  sim::SimRandom random{7};
  sim::SimScheduler scheduler{clock, sim::SimRandom(8), history};
  std::unique_ptr<sim::SimExecutor> executor = std::make_unique<sim::SimExecutor>(scheduler);
  MapStore store{clock};
  MapSecrets secrets;
  CountingTelemetry telemetry;
  ScriptedHttpClient http_client{executor};
  std::unique_ptr<Identity> identity;
};

}  // namespace ow::identity
