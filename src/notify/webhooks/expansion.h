// From an event to the deliveries of all endpoints that want it: consumes the queue of the fan-out. Each message only
// says that a subject has something new; what is told next is read from the subject's own log and a mark of how far
// it was told, so order and completeness rest on numbers and not on the queue. Loop thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "notify/webhooks/lanes.h"
#include "notify/webhooks/registry.h"
#include "platform/consumer.h"

namespace ow::notify::webhooks {

class Expansion {
 public:
  Expansion(WebhookPorts ports, Registry& registry) : ports_(std::move(ports)), registry_(registry) {}

  platform::ConsumerSpec consumer();

 private:
  /// How far a subject was told.
  struct Mark {
    std::uint64_t last = 0;  // told to all
    std::string after = {};  // the next event was told to the endpoints up to this one
    std::uint64_t wakes = 0;
    platform::Version version = 0;
  };
  struct Target {
    platform::Event event;
    Registry::EndpointPtr endpoint;
  };
  /// One commit's worth.
  struct Step {
    Mark mark;
    std::vector<Target> targets;
    std::map<std::string, std::string> frozen;  // body by event
    bool more = false;
  };

  base::Task<base::Result<platform::Commit>> handle(platform::Delivery delivery);
  base::Task<base::Result<Mark>> read_mark(std::string subject);
  base::Task<base::Result<Step>> plan(std::string subject, Mark mark);
  base::Task<base::Result<platform::Commit>> carry_out(std::string subject, Step step);

  WebhookPorts ports_;
  Registry& registry_;
};

/// What a delivery begins as.
DeliveryRecord delivery_of(const platform::Event& event, const std::string& endpoint, base::Instant now);

}  // namespace ow::notify::webhooks
