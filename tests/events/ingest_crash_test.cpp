// A power cut at every call of the disk while events come in: what was acknowledged is there once, whatever is
// handed in again.
#include <gtest/gtest.h>

#include "engine/embedded_engine.h"
#include "events/ingest.h"
#include "sim/world/world.h"

namespace ow::events {
namespace {

using namespace std::chrono_literals;
using base::Json;

constexpr int kEvents = 6;

class NoRules final : public platform::EventRules {
 public:
  std::vector<platform::RuleTarget> match(const platform::EventDraft&) const override { return {}; }
};

/// One life of the program, on a machine that may lose its power.
struct Life {
  Life(sim::SimWorld& world, sim::SimMachine& machine, platform::EventRules& rules)
      : process(std::make_unique<sim::SimProcess>(world, machine)),
        key_value(sim::MemoryKeyValue::open(machine.disk).value()),
        engine(engine::EmbeddedEngine::open(
                   {*key_value, process->executor, world.clock, process->random, rules, machine.telemetry}, {})
                   .value()),
        route(ingest_route({engine->store(), world.clock, process->random, machine.telemetry})) {}
  ~Life() { process.reset(); }

  std::unique_ptr<sim::SimProcess> process;
  std::unique_ptr<platform::KeyValue> key_value;
  std::unique_ptr<engine::EmbeddedEngine> engine;
  http::Route route;
};

http::RequestContext context_of(const http::Request& request) {
  http::RequestContext context;
  context.request = &request;
  context.principal = http::Principal{base::UserId("key_1"), {}, http::KeyGrant{{"events:ingest"}, {"erp"}, {}}};
  context.body = base::parse_json(request.body).value();
  return context;
}

/// True when the 202 went out.
base::Task<bool> hand_in(Life& life, int number) {
  http::Request request;
  request.body = R"({"id":"e)" + std::to_string(number) + R"(","source":"erp","detail-type":"t","detail":{}})";
  const auto context = context_of(request);
  auto reply = co_await life.route.handle(context);
  if (!reply) co_return false;
  if (reply->commit.empty()) co_return true;
  const auto outcome = co_await life.engine->store().commit(std::move(reply->commit));
  co_return outcome && outcome->committed();
}

base::Task<void> hand_in_all(Life& life, std::vector<bool>& acknowledged) {
  for (int i = 0; i < kEvents; ++i) acknowledged[static_cast<std::size_t>(i)] = co_await hand_in(life, i);
}

/// False when the run ended before the disk's call of that number.
bool survives_a_cut_at(sim::DiskCall call, int number) {
  sim::SimWorld world(static_cast<std::uint64_t>(number) + 1);
  sim::SimMachine machine(world, "platform");
  NoRules rules;
  std::vector<bool> acknowledged(kEvents);
  auto life = std::make_unique<Life>(world, machine, rules);
  bool cut = false;
  machine.disk.after_call(call, number, [&] {
    cut = true;
    life->process->kill(machine);
  });
  life->process->executor.spawn(hand_in_all(*life, acknowledged));
  world.scheduler.run_for(10s);
  life.reset();
  if (cut) machine.disk.crash(machine.random);
  life = std::make_unique<Life>(world, machine, rules);
  auto& executor = life->process->executor;
  auto& log = life->engine->event_log();
  for (std::size_t i = 0; i < kEvents; ++i) {
    const auto subject = "inbound/erp/e" + std::to_string(i);
    const auto kept = executor.run(log.by_subject(subject, 0, 10))->size();
    EXPECT_GE(kept, acknowledged[i] ? 1U : 0U) << subject << " at call " << number;
    EXPECT_TRUE(executor.run(hand_in(*life, static_cast<int>(i))));
    EXPECT_EQ(executor.run(log.by_subject(subject, 0, 10))->size(), 1U) << subject << " at call " << number;
  }
  return cut;
}

TEST(IngestCrash, APowerCutAtAnyAppendLosesAndDoublesNothing) {
  int number = 1;
  while (survives_a_cut_at(sim::DiskCall::append, number)) ++number;
  EXPECT_GT(number, kEvents);
}

TEST(IngestCrash, APowerCutAtAnySyncLosesAndDoublesNothing) {
  int number = 1;
  while (survives_a_cut_at(sim::DiskCall::sync, number)) ++number;
  EXPECT_GT(number, kEvents);
}

}  // namespace
}  // namespace ow::events
