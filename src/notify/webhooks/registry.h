// All endpoints in memory, with the pace and the health of each. Loaded at start; an endpoint that a request is about
// to change is read anew at each use until that has settled, since the commit is the edge's. Loop thread.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "notify/webhooks/endpoint.h"
#include "notify/webhooks/pace.h"
#include "platform/clock.h"

namespace ow::notify::webhooks {

class Registry {
 public:
  using EndpointPtr = std::shared_ptr<const Endpoint>;
  /// By id.
  using Endpoints = std::map<std::string, EndpointPtr, std::less<>>;

  Registry(platform::Store& store, const platform::Clock& clock, platform::Random& random, FanOut& fan_out)
      : store_(store), clock_(clock), random_(random), fan_out_(fan_out) {}

  base::Task<base::Result<void>> load();
  /// Before the commit of a request that makes or changes an endpoint: from here on the fan-out hears what it
  /// will want, and the record is read anew at each use.
  void expect_change(const Endpoint& endpoint_after);

  /// As of now.
  base::Task<base::Result<std::shared_ptr<const Endpoints>>> all();
  /// Null when there is none.
  base::Task<base::Result<EndpointPtr>> find(std::string id);
  /// As last seen; for bounds and metrics.
  const Endpoints& seen() const { return *endpoints_; }

  Pace& pace(const std::string& id);
  /// Makes durable what a restart must know of the pace, if that changed. A failure only makes the restart forget.
  base::Task<void> keep_pace(std::string id);
  /// Since when no attempt succeeded; nothing after a success.
  std::optional<base::Instant> failing_since(const std::string& id) const;
  void set_failing(const std::string& id, std::optional<base::Instant> since);
  int in_flight() const;

 private:
  base::Task<base::Result<std::vector<platform::Record>>> all_in(std::string_view partition);
  base::Task<base::Result<void>> load_health();
  base::Task<base::Result<void>> load_paces();
  base::Task<base::Result<void>> refresh();
  void take(const std::string& id, std::optional<Endpoint> endpoint);
  void tell_fan_out();

  platform::Store& store_;
  const platform::Clock& clock_;
  platform::Random& random_;
  FanOut& fan_out_;
  std::shared_ptr<const Endpoints> endpoints_ = std::make_shared<const Endpoints>();  // copied to change
  std::map<std::string, base::Duration, std::less<>> changing_;                       // until (Clock::ticks)
  std::map<std::string, Wanted, std::less<>> expected_;                               // of changing endpoints
  std::map<std::string, base::Instant, std::less<>> failing_;
  WaitingRoom room_;
  std::map<std::string, std::unique_ptr<Pace>, std::less<>> paces_;
  std::map<std::string, PaceMemory, std::less<>> kept_;  // as the store has it
};

inline constexpr std::string_view kHealth = "webhook-health";

}  // namespace ow::notify::webhooks
