// The composed program, as production composes it, in the simulated world with demo data; the payment gateway
// is a process of its own. Tests enter at the router. Test thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "app/compose.h"
#include "app/event_rules.h"
#include "engine/embedded_engine.h"
#include "ops/metrics.h"
#include "payments/http_gateway.h"
#include "sandbox/gateway_host.h"
#include "sim/world/world.h"

namespace ow::tests {

class ComposedWorld {
 public:
  explicit ComposedWorld(std::uint64_t seed = 1);
  ~ComposedWorld();

  /// One request, run to its answer. `user` signs in first; empty: no token.
  http::Response call(const std::string& method, const std::string& path, const std::string& user = {},
                      const std::string& body = {}, http::Headers headers = {});
  /// The next bytes of an answer that is made while it is sent.
  std::string read(http::BodyStream& stream) { return process_->executor.run(stream.next()); }
  /// The JSON of an answer that must be a 200.
  base::Json get(const std::string& path, const std::string& user = "demo-operator");
  /// Places an order of one mug that must be accepted; its id.
  std::string place(const std::string& payment_token = {}, http::Headers headers = {});
  /// Runs until the order has its last status; the order.
  base::Json settle(const std::string& order_id);
  /// What is in a queue, in order of sending: `{id, group, body}`.
  std::vector<base::Json> messages(const std::string& queue);
  /// Asks for all dead letters of a queue to be moved back to it.
  void redrive(const std::string& queue);

  /// Messages in a queue that nobody received.
  std::uint64_t waiting_in(const std::string& queue);
  template <typename T>
  T run(base::Task<T> task) {
    return process_->executor.run(std::move(task));
  }

  sim::SimWorld world;
  GatewayHost bank;
  sim::SimMachine machine;

 private:
  std::string token_of(const std::string& user);

  ops::Metrics metrics_;
  app::PlatformRules rules_;
  std::unique_ptr<platform::KeyValue> key_value_;
  std::unique_ptr<engine::EmbeddedEngine> engine_;
  std::unique_ptr<payments::HttpGateway> gateway_;
  std::unique_ptr<app::Platform> platform_;
  std::unique_ptr<sim::SimProcess> process_;  // last: its frames refer to all of the above and go first
  std::map<std::string, std::pair<std::string, base::Instant>> tokens_;  // with when each was made
};

}  // namespace ow::tests
