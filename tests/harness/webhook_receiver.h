// A receiver of webhooks on a machine of its own in the simulated world: keeps what it got, checks the signature, and
// answers as it is told to. One thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/instant.h"
#include "sim/world/world.h"

namespace ow::tests {

enum class Manner : std::uint8_t {
  accept,    // 200
  error,     // 500
  overload,  // 503 with Retry-After
  gone,      // 410
  redirect,  // 302 to a place inside
  garbage,   // no HTTP
  hang,      // no answer
  drip,      // an answer that comes too late
  drop,      // the connection ends
};

struct Received {
  std::string id;  // webhook-id
  std::string subject;
  std::uint64_t number = 0;
  std::string type;
  base::Instant at;
  bool verified = false;
  bool accepted = false;  // answered 200
  std::string body;
};

class WebhookReceiver {
 public:
  /// Serves whoever connects to `address`.
  WebhookReceiver(sim::SimWorld& world, const std::string& name, std::string address);
  ~WebhookReceiver();

  /// Any of these is right; none: signatures are not looked at.
  void expect_secret(std::string secret) { secrets_.push_back(std::move(secret)); }
  /// How the n-th request (from 0) is answered.
  void behave(std::function<Manner(std::size_t nth)> choose) { choose_ = std::move(choose); }
  void behave(Manner always) {
    choose_ = [always](std::size_t) { return always; };
  }

  const std::vector<Received>& received() const { return received_; }
  /// Numbers by subject in the order in which they were first accepted; pings are left out.
  std::map<std::string, std::vector<std::uint64_t>> accepted() const;
  const std::string& address() const { return address_; }

 private:
  base::Task<platform::HttpAnswer> answer(platform::HttpRequest request);
  bool verified(const platform::HttpRequest& request) const;

  sim::SimWorld& world_;
  sim::SimMachine machine_;
  sim::SimProcess process_;
  std::string address_;
  std::vector<std::string> secrets_;
  std::function<Manner(std::size_t nth)> choose_ = [](std::size_t) { return Manner::accept; };
  std::vector<Received> received_;
};

}  // namespace ow::tests
