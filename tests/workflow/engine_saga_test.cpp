// The saga over the embedded engine in the simulated world: a process that dies at any call of its disk, with or
// without its unsynced appends, resumes to the same end.
#include <gtest/gtest.h>

#include "engine/embedded_engine.h"
#include "sim/world/world.h"
#include "workflow/saga.h"
#include "workflow/workflows.h"

namespace ow::workflow_test {
namespace {

using base::Json;
using sim::DiskCall;
using states::ExecutionStatus;
using namespace std::chrono_literals;

class NoRules final : public platform::EventRules {
 public:
  std::vector<platform::RuleTarget> match(const platform::EventDraft&) const override { return {}; }
};

/// One life of a platform that has nothing but the saga.
struct Node {
  Node(sim::SimWorld& world, sim::SimMachine& machine, Gateway& gateway)
      : process(std::make_unique<sim::SimProcess>(world, machine)),
        key_value(sim::MemoryKeyValue::open(machine.disk).value()),
        engine(engine::EmbeddedEngine::open(
                   {*key_value, process->executor, world.clock, process->random, rules, machine.telemetry})
                   .value()) {
    const platform::ConsumerPorts ports{process->executor, engine->queues(), engine->store(),
                                        world.clock,       process->random,  machine.telemetry};
    workflows = std::make_unique<workflow::Workflows>(ports, saga_tasks(gateway));
    EXPECT_TRUE(workflows->define("saga", kSaga).has_value());
    process->executor.spawn(engine->run_timers());
    process->executor.spawn(run(ports));
  }
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  ~Node() { process.reset(); }  // frames go first: they refer to the rest

  base::Task<void> run(platform::ConsumerPorts ports) {
    for (auto& queue : workflow::workflow_queues()) {
      static_cast<void>(co_await engine->queue_admin().declare(std::move(queue)));
    }
    for (auto& spec : workflows->consumers()) process->executor.spawn(platform::run_consumer(ports, std::move(spec)));
  }

  NoRules rules;
  std::unique_ptr<sim::SimProcess> process;
  std::unique_ptr<sim::MemoryKeyValue> key_value;
  std::unique_ptr<engine::EmbeddedEngine> engine;
  std::unique_ptr<workflow::Workflows> workflows;
};

struct Crash {
  DiskCall call = DiskCall::append;
  std::uint64_t nth = 0;  // 0: none
  bool after = false;
  bool power_cut = false;
};

struct Story {
  workflow::ExecutionView view;
  std::vector<std::string> events;
  Gateway gateway;
  bool crashed = false;
};

class EngineSaga {
 public:
  explicit EngineSaga(std::uint64_t seed) : world_(seed), machine_(world_, "platform") {}

  Story tell(bool confirm_fails, Crash crash) {
    node_ = std::make_unique<Node>(world_, machine_, story_.gateway);
    world_.scheduler.run_for(1s);
    begin(confirm_fails);
    plan(crash);
    if (world_.scheduler.run_for(60s) == sim::SimScheduler::End::halted) restart(crash.power_cut);
    read_back();
    return std::move(story_);
  }

 private:
  void begin(bool confirm_fails) {
    auto input = Json::object({{"orderId", "ord_1"}, {"confirmFails", confirm_fails}});
    auto start = node_->workflows->start(id_, "saga", std::move(input), world_.clock.now(), "");
    const auto outcome = node_->process->executor.run(node_->engine->store().commit(std::move(start)));
    ASSERT_TRUE(outcome && outcome->committed());
  }

  void plan(const Crash& crash) {
    if (crash.nth == 0) return;
    const auto die = [this] { node_->process->kill(machine_); };
    if (crash.after) {
      machine_.disk.after_call(crash.call, crash.nth, die);
    } else {
      machine_.disk.before_call(crash.call, crash.nth, die);
    }
  }

  void restart(bool power_cut) {
    story_.crashed = true;
    node_.reset();
    machine_.disk.forget_plans();
    if (power_cut) {
      machine_.disk.crash(machine_.random);
    } else {
      machine_.disk.crash_keeping(machine_.disk.unsynced());
    }
    node_ = std::make_unique<Node>(world_, machine_, story_.gateway);
    world_.scheduler.run_for(120s);
  }

  void read_back() {
    auto& executor = node_->process->executor;
    auto view = executor.run(node_->workflows->find(id_));
    ASSERT_TRUE(view && *view);
    story_.view = std::move(**view);
    const auto events = executor.run(node_->engine->event_log().by_subject(id_.text, 0, 100));
    ASSERT_TRUE(events.has_value());
    for (const auto& event : *events) story_.events.push_back(event.type);
  }

  const base::ExecutionId id_{"exe_1"};
  Story story_;
  sim::SimWorld world_;
  sim::SimMachine machine_;
  std::unique_ptr<Node> node_;
};

void expect_same(const Story& disturbed, const Story& plain) {
  EXPECT_EQ(disturbed.events, plain.events);
  EXPECT_EQ(disturbed.view.status, plain.view.status);
  EXPECT_EQ(to_text(disturbed.view.output), to_text(plain.view.output));
  EXPECT_EQ(disturbed.view.error, plain.view.error);
  EXPECT_EQ(disturbed.gateway.charged_by_key.size(), 1U);
}

class SagaOnEngine : public testing::TestWithParam<bool> {};

TEST_P(SagaOnEngine, RunsToItsEnd) {
  const auto story = EngineSaga(1).tell(GetParam(), {});
  EXPECT_EQ(story.view.status, GetParam() ? ExecutionStatus::failed : ExecutionStatus::succeeded);
  EXPECT_EQ(story.events.size(), GetParam() ? 6U : 4U);
}

TEST_P(SagaOnEngine, ResumesAfterACrashAtEveryCallOfTheDisk) {
  const auto plain = EngineSaga(1).tell(GetParam(), {});
  int crashes = 0;
  for (const auto call : {DiskCall::append, DiskCall::sync}) {
    for (std::uint64_t nth = 1; nth <= 6; ++nth) {
      for (const int way : {0, 1, 2, 3}) {
        const Crash crash{call, nth, (way & 1) != 0, (way & 2) != 0};
        const auto story = EngineSaga(nth * 100 + static_cast<std::uint64_t>(way)).tell(GetParam(), crash);
        crashes += story.crashed ? 1 : 0;
        expect_same(story, plain);
      }
    }
  }
  EXPECT_GT(crashes, 12);
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutCompensation, SagaOnEngine, testing::Bool());

}  // namespace
}  // namespace ow::workflow_test
