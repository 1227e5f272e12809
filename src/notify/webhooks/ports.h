// What webhooks need from outside, and the messages of their queue. Loop thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "notify/fan_out.h"
#include "notify/webhooks/endpoint.h"
#include "platform/clock.h"
#include "platform/event_log.h"
#include "platform/executor.h"
#include "platform/http_client.h"
#include "platform/id_source.h"
#include "platform/queues.h"
#include "platform/random.h"
#include "platform/resolver.h"
#include "platform/store.h"
#include "platform/telemetry.h"

namespace ow::notify::webhooks {

/// An event as receivers see it; must be the same at every call. The features know whose it is.
using Publish = std::function<base::Task<base::Result<Published>>(platform::Event event)>;

struct WebhookPorts {
  platform::Executor& executor;
  platform::Store& store;
  platform::EventLog& event_log;
  platform::HttpClient& client;
  platform::Resolver& resolver;
  const platform::Clock& clock;
  platform::Random& random;
  platform::IdSource& ids;
  platform::Telemetry& telemetry;
  FanOut& fan_out;
  Publish publish;
};

/// Deliveries on their way and longer work, fair by endpoint.
inline constexpr std::string_view kDeliveryQueue = "webhook-deliveries";

/// A step of work for one endpoint; JSON in the message's body.
struct Work {
  std::string kind;  // "lane", "wake", "forget", "recover", "replay", "health", "probe"
  std::string endpoint;
  std::string subject = {};  // lane
  std::string event = {};    // lane: the first that waits
  std::string cursor = {};   // longer work: where it goes on
  base::Instant from{};      // recover, replay, health: since when
  base::Instant until{};     // recover, replay: when it was asked for
  int number = 0;            // lane: how often it was parked; health: percent; probe: how many were made
  bool reserved = false;     // lane: this is its turn of the rate limit
};

platform::OutMessage work_message(const Work& work, std::string id);
base::Result<Work> work_from(const std::string& body);

}  // namespace ow::notify::webhooks
