// Composition: production and simulation call the same compose() with different ports. This is the only room
// that names features and implementations together. Loop thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "http/api.h"
#include "http/message.h"
#include "identity/identity.h"
#include "notify/fan_out.h"
#include "notify/ip_address.h"
#include "notify/office.h"
#include "ops/retention_work.h"
#include "payments/obligation_watch.h"
#include "platform/blobs.h"
#include "platform/clock.h"
#include "platform/event_log.h"
#include "platform/executor.h"
#include "platform/http_client.h"
#include "platform/mailer.h"
#include "platform/payment_gateway.h"
#include "platform/queue_admin.h"
#include "platform/queues.h"
#include "platform/random.h"
#include "platform/resolver.h"
#include "platform/retention.h"
#include "platform/secrets.h"
#include "platform/snapshots.h"
#include "platform/store.h"
#include "platform/telemetry.h"
#include "platform/typesetter.h"

namespace ow::app {

struct Ports {
  platform::Executor& executor;
  const platform::Clock& clock;
  platform::Random& random;
  platform::Store& store;
  platform::Queues& queues;
  platform::QueueAdmin& queue_admin;
  platform::EventLog& event_log;
  platform::PaymentGateway& gateway;
  platform::HttpClient& http_client;
  /// For requests to receivers of webhooks: bounds of its own, so that theirs never hold up others.
  platform::HttpClient& webhook_client;
  platform::Resolver& resolver;
  platform::Secrets& secrets;
  platform::Telemetry& telemetry;
  notify::FanOut& fan_out;
  platform::Mailer& mailer;
  platform::Blobs& blobs;
  platform::Typesetter& typesetter;
};

struct ComposeOptions {
  std::string public_url = "http://127.0.0.1:8080";
  /// Requests per second and caller; nothing: off.
  std::optional<int> rate_limit;
  std::vector<std::string> cors_origins;
  std::optional<identity::OutsideIssuer> outside_issuer;
  /// What /metrics answers.
  std::function<std::string()> exposition = [] { return std::string(); };
  notify::MailOptions mail;
  notify::Retailer retailer;
  std::string receipt_series = "R";
  /// Seeds products and users once into an empty store.
  bool demo = false;
  /// Shoppers may make accounts.
  bool sign_up = true;
  /// Logs every request, not only slow and failed ones.
  bool access_log = false;
  /// Addresses that webhooks may reach although they are not public; by http, too.
  std::vector<notify::Network> webhook_allow;
  /// Executions, and what goes out, wait until an operator resumes them; survives a restart.
  bool paused = false;
  /// Nothing: this engine makes none. Outlives the platform.
  platform::Snapshots* snapshots = nullptr;
  /// Nothing: this engine neither prunes nor lists. Outlives the platform.
  platform::Retention* retention = nullptr;
  ops::KeptFor kept;
  /// An obligation that is open for longer raises the alarm.
  base::Duration obligation_alarm_age = payments::kObligationAlarmAge;
};

/// The whole program behind its ports.
class Platform {
 public:
  virtual ~Platform() = default;
  /// Declares queues, seeds, makes keys at first start, starts consumers. The port opens after this.
  virtual base::Task<base::Result<void>> start() = 0;
  /// Enters at the router.
  virtual base::Task<http::Response> handle(http::Request request) = 0;
  virtual std::string openapi() const = 0;
};

std::unique_ptr<Platform> compose(Ports ports, ComposeOptions options);

}  // namespace ow::app
