// The embedded engine in the simulated world, over either key-value store, for contracts and tests of its
// own.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "contracts/engine_ports.h"
#include "counting_key_value.h"
#include "engine/embedded_engine.h"
#include "engine/rocks/key_value.h"
#include "engine/stored.h"
#include "rocks_place.h"
#include "sim/world/world.h"

namespace ow::engine {

/// Where the data is between two processes.
class NodeDisk {
 public:
  virtual ~NodeDisk() = default;
  virtual base::Result<std::unique_ptr<platform::KeyValue>> open() = 0;
  /// The process was killed with the power on: its appends stay.
  virtual void process_ended() {}
};

class MemoryNodeDisk final : public NodeDisk {
 public:
  explicit MemoryNodeDisk(sim::MemoryDisk& disk) : disk_(disk) {}
  base::Result<std::unique_ptr<platform::KeyValue>> open() override { return sim::MemoryKeyValue::open(disk_); }
  void process_ended() override { disk_.crash_keeping(disk_.unsynced()); }

 private:
  sim::MemoryDisk& disk_;
};

class RocksNodeDisk final : public NodeDisk {
 public:
  base::Result<std::unique_ptr<platform::KeyValue>> open() override {
    return open_rocks({.directory = folder_.path("store")});
  }

 private:
  TestFolder folder_;
};

/// One machine with one engine, which can be restarted.
class EngineNode : public contracts::EnginePorts {
 public:
  explicit EngineNode(std::uint64_t seed = 1, std::unique_ptr<NodeDisk> disk = nullptr)
      : world(seed), machine(world, "engine"), disk_(std::move(disk)) {
    if (!disk_) disk_ = std::make_unique<MemoryNodeDisk>(machine.disk);
    start();
  }
  EngineNode(const EngineNode&) = delete;
  EngineNode& operator=(const EngineNode&) = delete;
  ~EngineNode() override { stop(); }

  platform::Store& store() override { return engine->store(); }
  platform::Queues& queues() override { return engine->queues(); }
  platform::QueueAdmin& queue_admin() override { return engine->queue_admin(); }
  platform::EventLog& event_log() override { return engine->event_log(); }
  sim::SimExecutor& executor() override { return process->executor; }
  sim::SimClock& clock() override { return world.clock; }
  bool strong() const override { return true; }

  void restart() override {
    stop();
    disk_->process_ended();
    start();
  }

  void start() {
    process = std::make_unique<sim::SimProcess>(world, machine);
    key_value = std::make_unique<CountingKeyValue>(disk_->open().value(), counts);
    auto opened = EmbeddedEngine::open(
        {*key_value, process->executor, world.clock, process->random, rules, machine.telemetry}, options);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    engine = std::move(*opened);
    process->executor.spawn(engine->run_timers());
  }

  void stop() {
    process.reset();  // frames go first: they refer to the engine
    engine.reset();
    key_value.reset();
  }

  sim::SimWorld world;
  sim::SimMachine machine;
  EngineOptions options;
  contracts::OneRule rules;
  KeyValueCounts counts;
  std::unique_ptr<sim::SimProcess> process;
  std::unique_ptr<platform::KeyValue> key_value;
  std::unique_ptr<EmbeddedEngine> engine;

 private:
  std::unique_ptr<NodeDisk> disk_;
};

}  // namespace ow::engine
