// The weak decorators over the embedded engine, for the contracts: what AWS may do, but for commits that end
// contended or unknown, which the suites do not retry.
#pragma once

#include <memory>

#include "contracts/engine_ports.h"
#include "engine_node.h"
#include "sim/world/weak_event_log.h"
#include "sim/world/weak_queue_admin.h"
#include "sim/world/weak_queues.h"
#include "sim/world/weak_store.h"

namespace ow::engine {

class WeakNode final : public contracts::EnginePorts {
 public:
  WeakNode() { decorate(); }

  platform::Store& store() override { return *store_; }
  platform::Queues& queues() override { return *queues_; }
  platform::QueueAdmin& queue_admin() override { return *queue_admin_; }
  platform::EventLog& event_log() override { return *event_log_; }
  sim::SimExecutor& executor() override { return node_.executor(); }
  sim::SimClock& clock() override { return node_.clock(); }
  bool strong() const override { return false; }

  void restart() override {
    node_.restart();
    decorate();
  }

 private:
  void decorate() {
    sim::WeakWeather weather;
    weather.contended = weather.unknown = 0;
    auto& random = node_.machine.random;
    store_ = std::make_unique<sim::WeakStore>(node_.store(), executor(), clock(), random.fork("store"), weather);
    queues_ = std::make_unique<sim::WeakQueues>(node_.queues(), executor(), clock(), random.fork("queues"), weather);
    queue_admin_ =
        std::make_unique<sim::WeakQueueAdmin>(node_.queue_admin(), executor(), clock(), random.fork("admin"), weather);
    event_log_ =
        std::make_unique<sim::WeakEventLog>(node_.event_log(), executor(), clock(), random.fork("log"), weather);
  }

  EngineNode node_;
  std::unique_ptr<sim::WeakStore> store_;
  std::unique_ptr<sim::WeakQueues> queues_;
  std::unique_ptr<sim::WeakEventLog> event_log_;
  std::unique_ptr<sim::WeakQueueAdmin> queue_admin_;
};

}  // namespace ow::engine
