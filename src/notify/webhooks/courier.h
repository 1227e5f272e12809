// Brings the first of a lane to its endpoint: waits for the endpoint's pace, sends one attempt, and commits what the
// answer means (the attempt, the delivery, the lane and its next message in one step). An attempt that was made is
// remembered until its commit, so a commit that must be decided again does not send again. Loop thread.
#pragma once

#include <deque>
#include <map>
#include <string>

#include "notify/webhooks/health.h"
#include "notify/webhooks/lanes.h"
#include "notify/webhooks/registry.h"
#include "notify/webhooks/sender.h"

namespace ow::notify::webhooks {

class Courier {
 public:
  Courier(WebhookPorts ports, Registry& registry, Sender& sender, Health& health);

  /// The handler of Work "lane".
  base::Task<base::Result<platform::Commit>> deliver(std::string message, Work work);

 private:
  using Decision = base::Result<platform::Commit>;
  struct Loaded {
    Lane lane;
    DeliveryRecord delivery;
    std::string body;
  };

  base::Task<base::Result<Loaded>> load(Work work);
  base::Task<base::Result<std::string>> frozen_again(std::string subject, std::string event);
  /// What was loaded for the attempt serves the first decision about it, too.
  base::Task<base::Result<void>> attempt(std::string message, Work work, Registry::EndpointPtr endpoint,
                                         std::optional<Away>& away, std::optional<Loaded>& loaded);
  Decision park(Loaded loaded, const Work& work, Away away);
  Decision hold(Loaded loaded, const Endpoint& endpoint);
  Decision settle(Loaded loaded, const Outcome& outcome);
  void remember(const std::string& message, Outcome outcome);
  void count(const Outcome& outcome);

  WebhookPorts ports_;
  Registry& registry_;
  Sender& sender_;
  Health& health_;
  std::map<std::string, Outcome, std::less<>> made_;  // by message
  std::deque<std::string> made_in_order_;
  platform::CounterMetric& delivered_;
  platform::CounterMetric& refused_;
  platform::CounterMetric& given_up_;
  platform::CounterMetric& parked_;
  platform::HistogramMetric& seconds_;
};

}  // namespace ow::notify::webhooks
