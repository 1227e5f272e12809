// Receivers of webhooks in the workload: one of the shopper's own, one of an operator, one of a stranger, one whose
// name moves inside the network and back. They refuse, hang, drip, redirect and answer garbage until the faults stop.
// One thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/audit.h"
#include "harness/webhook_receiver.h"
#include "sim/run/plan.h"
#include "sim/world/world.h"

namespace ow::sim {

class Listeners {
 public:
  using Ask = std::function<base::Task<std::optional<platform::HttpAnswer>>(platform::HttpRequest request)>;

  Listeners(SimWorld& world, const Plan& plan);

  /// Makes their endpoints, before the first order; asks until it is done.
  base::Task<void> subscribe(Ask ask, std::string shopper_token, std::string operator_token);
  /// From now on everybody answers as he should.
  void calm_down();
  /// Whether each heard of every event of these orders.
  bool complete(const tests::Books& books) const;
  /// The checker "webhooks": everything was heard, in order within a subject, under one id with one body, rightly
  /// signed; strangers and the inside heard nothing.
  void check(const tests::Books& books, std::vector<tests::Finding>& findings) const;
  std::size_t received() const;

 private:
  struct Listener {
    Listener(const char* at, bool of_operator, const char* of_scope, bool stranger, SimWorld& world,
             const char* address)
        : host(at), by_operator(of_operator), scope(of_scope), is_stranger(stranger), receiver(world, at, address) {}
    const char* host;
    bool by_operator;
    const char* scope;
    bool is_stranger;
    tests::WebhookReceiver receiver;
  };

  base::Task<void> subscribe_one(Ask ask, Listener& listener, std::string token);
  tests::Manner drawn();
  static void check_one(const Listener& listener, const tests::Books& books, std::vector<tests::Finding>& findings);
  static bool heard(const Listener& listener, const tests::Books& books);

  SimWorld& world_;
  SimRandom random_;
  bool calm_ = false;
  std::vector<std::unique_ptr<Listener>> listeners_;
  tests::WebhookReceiver inside_;
};

}  // namespace ow::sim
