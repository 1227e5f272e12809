// The processes of a run: the whole platform on its simulated machine, strong or weak, and the payment
// gateway on another that is never killed. One thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/compose.h"
#include "app/event_rules.h"
#include "base/result.h"
#include "engine/embedded_engine.h"
#include "engine/journal/drain.h"
#include "harness/audit.h"
#include "payments/http_gateway.h"
#include "sandbox/gateway.h"
#include "sim/run/bugs.h"
#include "sim/run/plan.h"
#include "sim/run/toil.h"
#include "sim/world/weak_event_log.h"
#include "sim/world/weak_queue_admin.h"
#include "sim/world/weak_queues.h"
#include "sim/world/weak_store.h"
#include "sim/world/world.h"

namespace ow::sim {

/// The gateway: its own engine, its own disk.
class GatewayMachine {
 public:
  explicit GatewayMachine(SimWorld& world);
  ~GatewayMachine();

 private:
  SimWorld& world_;
  SimMachine machine_;
  std::unique_ptr<platform::EventRules> rules_;
  std::unique_ptr<platform::KeyValue> key_value_;
  std::unique_ptr<SimProcess> process_;
  std::unique_ptr<engine::EmbeddedEngine> engine_;
  std::unique_ptr<sandbox::Gateway> gateway_;
};

/// One life of the platform on its machine: what a crash takes.
class PlatformLife {
 public:
  /// Opens the engine on what the machine's disk holds and starts the platform as a task of its own.
  PlatformLife(SimWorld& world, SimMachine& machine, const Plan& plan, std::vector<tests::Finding>& findings,
               Toil& toil);
  ~PlatformLife();

  /// From now on nothing of it has an effect; destroy it when the scheduler says halted.
  void kill() { process_->kill(machine_); }
  SimExecutor& executor() { return process_->executor; }

  /// A copy of everything at one instant, as a directory of the machine's disk.
  base::Task<base::Result<void>> checkpoint(std::string directory) { return engine_->checkpoint(std::move(directory)); }

  /// Starts reading the whole log, past all ports: `events` and `done` outlive this.
  void start_reading_log(std::vector<base::Json>& events, bool& done) {
    process_->executor.spawn(read_log(events, done));
  }

 private:
  base::Task<void> read_log(std::vector<base::Json>& events, bool& done);
  void open_engine();
  std::unique_ptr<platform::KeyValue> open_store(engine::Expired expired);
  void put_together();
  base::Task<void> start();

  SimWorld& world_;
  SimMachine& machine_;
  const Plan& plan_;
  std::vector<tests::Finding>& findings_;
  Toil& toil_;
  app::PlatformRules rules_;
  std::unique_ptr<platform::KeyValue> key_value_;
  std::unique_ptr<engine::EmbeddedEngine> engine_;
  std::unique_ptr<WeakStore> weak_store_;
  std::unique_ptr<WeakQueues> weak_queues_;
  std::unique_ptr<WeakEventLog> weak_event_log_;
  std::unique_ptr<WeakQueueAdmin> weak_queue_admin_;
  std::unique_ptr<BuggyStore> store_;
  std::unique_ptr<payments::HttpGateway> http_gateway_;
  std::unique_ptr<BuggyGateway> gateway_;
  std::unique_ptr<BuggyMailer> mailer_;
  std::unique_ptr<app::Platform> platform_;
  std::unique_ptr<SimProcess> process_;  // last: its frames refer to all of the above and go first
};

}  // namespace ow::sim
