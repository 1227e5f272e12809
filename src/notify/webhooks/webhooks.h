// Webhooks put together: routes, queues, consumers, numbers. Loop thread.
#pragma once

#include "http/router.h"
#include "notify/webhooks/chores.h"
#include "notify/webhooks/courier.h"
#include "notify/webhooks/expansion.h"
#include "notify/webhooks/health.h"
#include "platform/consumer.h"
#include "platform/queue_admin.h"

namespace ow::notify::webhooks {

class Webhooks {
 public:
  /// `allowed` opens addresses that no webhook could reach otherwise.
  Webhooks(WebhookPorts ports, std::vector<Network> allowed);

  http::Routes routes();
  /// Declares the queue, loads the endpoints, and lets the fan-out hear what they want. The fan-out's own queues are
  /// declared before.
  base::Task<base::Result<void>> start(platform::QueueAdmin& admin);
  /// For run_consumer.
  std::vector<platform::ConsumerSpec> consumers();
  /// Keeps the gauges; ends with the executor. Spawn it.
  base::Task<void> sample();

 private:
  base::Task<base::Result<platform::Commit>> work(platform::Delivery delivery);
  base::Task<void> show_age(std::string held);
  void show_endpoints();

  WebhookPorts ports_;
  Registry registry_;
  Sender sender_;
  Health health_;
  Expansion expansion_;
  Courier courier_;
  Chores chores_;
};

}  // namespace ow::notify::webhooks
