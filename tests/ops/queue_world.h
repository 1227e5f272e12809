// The operators' routes about queues over the embedded engine in a simulated world, with a consumer that fails
// when it is told to. Test thread only.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "http/api.h"
#include "ops/queue_desk.h"
#include "platform/consumer.h"
#include "sandbox/sim_node.h"

namespace ow::tests {

/// Tokens name user and role: "alice" is a shopper, "oscar.operator" an operator.
class CallersByName final : public http::Authenticator {
 public:
  base::Task<base::Result<http::Principal>> authenticate(std::string token) override;
};

inline constexpr const char* kOscar = "oscar.operator";

class QueueWorld {
 public:
  /// Queues "mail" (fair) and "orders" (ordered), received 3 times at most.
  explicit QueueWorld(std::uint64_t seed = 1);
  ~QueueWorld();

  http::Response call(const std::string& method, const std::string& path, const std::string& body = {},
                      const std::string& token = kOscar, http::Headers headers = {});
  /// The JSON of an answer that must have this status.
  base::Json expect(int status, const http::Response& response);
  base::Json get(const std::string& path) { return expect(200, call("GET", path)); }
  base::Json post(int status, const std::string& path, const std::string& body = "{}") {
    return expect(status, call("POST", path, body));
  }

  void send(const std::string& queue, const std::string& id, const std::string& group = "g",
            const std::string& body = R"({"n":1})");
  /// Runs a consumer of the queue; what it took is in `consumed`, in order. `fails` says which fail.
  void consume(const std::string& queue);
  /// Sends them and lets them die; the consumer of "mail" runs from then on.
  void make_dead(int count);
  /// Waits for the operation's end; the operation.
  base::Json settle(const base::Json& started);

  void run_for(base::Duration span) { world.scheduler.run_for(span); }
  /// The process dies between two appends and starts again on what the disk kept.
  void crash();
  /// Types of a subject's events, in order.
  std::vector<std::string> events_of(const std::string& subject);
  std::vector<std::string> messages_of(const std::string& queue, const std::string& query = {});

  sim::SimWorld world;
  SimNode node;
  std::function<bool(const platform::Delivery&)> fails = [](const platform::Delivery&) { return false; };
  std::vector<std::string> consumed;
  std::vector<std::string> bodies;

 private:
  void start();
  void stop();
  platform::ConsumerPorts consumer_ports();

  CallersByName callers_;
  std::set<std::string> consumers_;
  std::unique_ptr<platform::IdSource> ids_;
  std::unique_ptr<http::Api> api_;
};

std::string member(const base::Json& object, const std::string& name);

}  // namespace ow::tests
