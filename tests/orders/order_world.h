// The whole order platform in a simulated world: edge, orders, workflow and engine in one process, the
// payment gateway in another. Tests enter at the router. Test thread only.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "http/api.h"
#include "inventory/routes.h"
#include "orders/orders.h"
#include "payments/http_gateway.h"
#include "platform/id_source.h"
#include "sandbox/gateway_host.h"
#include "workflow/workflows.h"

namespace ow::tests {

/// Tokens name user and role: "alice" is a shopper, "oscar.operator" an operator.
class NamedCallers final : public http::Authenticator {
 public:
  base::Task<base::Result<http::Principal>> authenticate(std::string token) override;
};

/// What a test does around the n-th call of a task (1: the first).
struct Hook {
  std::string resource;
  int call = 1;
  /// Runs first; a failure that it returns replaces the task.
  std::function<base::Task<std::optional<workflow::TaskFailure>>()> before = {};
  /// Runs when the task has decided and nothing is committed yet.
  std::function<base::Task<void>()> after = {};
  int seen = 0;
  bool fired = false;
};

struct Line {
  std::string product;
  std::int64_t quantity = 1;
  std::string price = "10.00";
};

class OrderWorld {
 public:
  explicit OrderWorld(std::uint64_t seed = 1);
  ~OrderWorld();

  // Requests, run to their answer.
  http::Response call(const std::string& method, const std::string& path, const std::string& token,
                      const std::string& body = {}, http::Headers headers = {});
  /// The JSON of an answer that must have this status.
  base::Json expect(int status, const http::Response& response);
  base::Json get(const std::string& path, const std::string& token = "oscar.operator");
  void add_product(const std::string& id, std::int64_t stock, const std::string& price = "10.00");
  /// The body of an order over these lines, with its right total.
  static std::string order_body(const std::vector<Line>& lines, const std::string& payment_token = {});
  /// Places an order that must be accepted; its id.
  std::string place(const std::vector<Line>& lines, const std::string& payment_token = {},
                    const std::string& customer = "alice");
  /// The request as a task, for use inside a hook or beside others.
  base::Task<http::Response> request(std::string method, std::string path, std::string token, std::string body = {});

  // Time.
  /// Runs until the order is completed, failed or cancelled; the order.
  base::Json settle(const std::string& order);
  void run_for(base::Duration span) { world.scheduler.run_for(span); }
  /// Runs until no order is pending or processing.
  void settle_all();

  // Faults.
  void hook(Hook hook) { hooks_.push_back(std::move(hook)); }
  bool all_hooks_fired() const;
  /// The process dies between two appends and starts again on what the disk kept.
  void crash();

  // Reckoning.
  std::vector<std::string> events_of(const std::string& order);
  base::Json stock(const std::string& product) { return get("/api/products/" + product); }
  /// Money that the gateway took for an order and gave back for it, in minor units.
  std::int64_t charged(const std::string& order) { return sum("charge", order); }
  std::int64_t refunded(const std::string& order) { return sum("refund", order); }
  std::size_t charges(const std::string& order);
  base::Json::Array obligations(const std::string& status = "open");
  /// Violations of what must hold for any order once it is settled; empty when all is well.
  std::vector<std::string> audit(const std::map<std::string, std::int64_t>& supplied);

  sim::SimWorld world;
  GatewayHost bank;
  SimNode node;

  workflow::Workflows& workflows() { return *workflows_; }

 private:
  void start();
  void stop();
  orders::OrderPorts ports();
  workflow::TaskRegistry hooked_tasks();
  base::Task<base::Result<workflow::TaskOutcome>> run_hooked(std::string resource, workflow::TaskHandler inner,
                                                             workflow::TaskInput input);
  std::int64_t sum(const std::string& kind, const std::string& order);
  void audit_order(const base::Json& order, std::vector<std::string>& found);
  void audit_stock(const std::map<std::string, std::int64_t>& supplied, std::vector<std::string>& found);

  NamedCallers callers_;
  std::deque<Hook> hooks_;  // a hook that runs stays where it is
  std::unique_ptr<payments::HttpGateway> gateway_;
  std::unique_ptr<platform::IdSource> ids_;
  std::unique_ptr<workflow::Workflows> workflows_;
  std::unique_ptr<http::Api> api_;
};

/// "19.90" -> 1990.
std::int64_t minor(const base::Json& object, const std::string& member);
std::string text(const base::Json& object, const std::string& member);

}  // namespace ow::tests
