// The health of endpoints: since when no attempt succeeded, the notices on the way to being disabled, and the probe
// that may bring an endpoint back. Changes are steps of their own, each with its event. Loop thread.
#pragma once

#include <string>

#include "notify/webhooks/ports.h"
#include "notify/webhooks/registry.h"
#include "notify/webhooks/sender.h"

namespace ow::notify::webhooks {

class Health {
 public:
  Health(WebhookPorts ports, Registry& registry, Sender& sender)
      : ports_(std::move(ports)), registry_(registry), sender_(sender) {}

  /// What an attempt means for its endpoint. 410 disables it; the first failure starts the clock; a success stops
  /// it. The same when taken twice.
  base::Task<base::Result<void>> after(Endpoint endpoint, Outcome outcome);

  /// Work "health": a notice at `number` percent of the way, or the end of it.
  base::Task<base::Result<platform::Commit>> notice(Work work);
  /// Work "probe".
  base::Task<base::Result<platform::Commit>> probe(Work work);

 private:
  base::Task<base::Result<void>> begin_failing(Endpoint endpoint, base::Instant since);
  base::Task<base::Result<void>> end_failing(Endpoint endpoint);
  base::Task<base::Result<void>> disable_now(Endpoint endpoint, std::string reason);
  base::Task<base::Result<platform::Commit>> disabled(std::string id, std::string reason, bool with_probe);

  WebhookPorts ports_;
  Registry& registry_;
  Sender& sender_;
};

/// The names of an endpoint's timers, to cancel.
std::string notice_timer(const std::string& endpoint);
std::string probe_timer(const std::string& endpoint);
platform::Key health_key(const std::string& endpoint);

/// The event of what the platform did to an endpoint: "webhook.failing", "webhook.disabled", "webhook.enabled".
platform::EventDraft endpoint_event(const Endpoint& endpoint, std::string type, base::Json details, base::Instant now);

/// Parts that make the endpoint active again and wake its lanes, conditioned on the version it was read at.
platform::Commit activate(Endpoint endpoint, base::Instant now, const std::string& wake_id);

/// A delivery that carries no event of the log: tells a receiver that it is reached.
Parcel ping_parcel(const Endpoint& endpoint, const std::string& id, base::Instant now);

}  // namespace ow::notify::webhooks
