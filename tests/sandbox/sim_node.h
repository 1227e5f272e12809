// One simulated machine with an embedded engine, for tests of what runs on one. Test thread only.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/embedded_engine.h"
#include "platform/event_rules.h"
#include "sandbox/counting_key_value.h"
#include "sim/world/world.h"

namespace ow::tests {

class NoRules final : public platform::EventRules {
 public:
  std::vector<platform::RuleTarget> match(const platform::EventDraft&) const override { return {}; }
};

/// The disk outlives a crash; process, engine and all frames do not.
struct SimNode {
  SimNode(sim::SimWorld& the_world, std::string_view name) : world(the_world), machine(the_world, name) { open(); }
  ~SimNode() { close(); }

  void open() {
    process = std::make_unique<sim::SimProcess>(world, machine);
    key_value = sim::MemoryKeyValue::open(machine.disk).value();
    written = std::make_unique<CountingKeyValue>(*key_value);
    engine = engine::EmbeddedEngine::open(
                 {*written, process->executor, world.clock, process->random, rules, machine.telemetry})
                 .value();
    process->executor.spawn(engine->run_timers());
  }

  /// The end of the process. What was appended but not synced stays; crash() of the disk decides about it.
  void close() {
    process.reset();
    engine.reset();
    written.reset();
    key_value.reset();
  }

  platform::Store& store() { return engine->store(); }
  sim::SimExecutor& executor() { return process->executor; }

  sim::SimWorld& world;
  sim::SimMachine machine;
  NoRules rules;
  std::unique_ptr<sim::SimProcess> process;
  std::unique_ptr<sim::MemoryKeyValue> key_value;
  std::unique_ptr<CountingKeyValue> written;  // since open()
  std::unique_ptr<engine::EmbeddedEngine> engine;
};

}  // namespace ow::tests
