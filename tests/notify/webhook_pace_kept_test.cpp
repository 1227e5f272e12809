// What a restart remembers of how fast an endpoint is called: two lives over one store. Test thread only.
#include <gtest/gtest.h>

#include "engine/embedded_engine.h"
#include "notify/webhooks/bounds.h"
#include "notify/webhooks/registry.h"
#include "sim/world/world.h"

namespace ow::notify::webhooks {
namespace {

using namespace std::chrono_literals;

constexpr auto kId = "whe_1";
using Turn = std::optional<Away>;

struct PaceLife {
  PaceLife(sim::SimWorld& world, sim::SimMachine& machine)
      : process(std::make_unique<sim::SimProcess>(world, machine)),
        key_value(sim::MemoryKeyValue::open(machine.disk).value()),
        engine(engine::EmbeddedEngine::open(
                   {*key_value, process->executor, world.clock, process->random, fan_out, machine.telemetry}, {})
                   .value()),
        registry(engine->store(), world.clock, process->random, fan_out) {}
  ~PaceLife() { process.reset(); }

  FanOut fan_out;
  std::unique_ptr<sim::SimProcess> process;
  std::unique_ptr<platform::KeyValue> key_value;
  std::unique_ptr<engine::EmbeddedEngine> engine;
  Registry registry;
};

class WebhookPaceKept : public testing::Test {
 protected:
  WebhookPaceKept() {
    start();
    Endpoint endpoint;
    endpoint.id = kId;
    endpoint.url = "https://erp.example/hook";
    platform::Commit commit;
    commit.put(endpoint_record(endpoint));
    EXPECT_TRUE(run(life_->engine->store().commit(std::move(commit))));
    restart();
  }

  void start() { life_ = std::make_unique<PaceLife>(world_, machine_); }
  void restart() {
    life_.reset();
    start();
    EXPECT_TRUE(run(life_->registry.load()));
  }
  template <typename T>
  T run(base::Task<T> task) {
    return life_->process->executor.run(std::move(task));
  }
  Turn begin(std::optional<int> rate = {}) {
    return run(life_->registry.pace(kId).begin(world_.clock.ticks(), rate, false, 0));
  }
  void done(int status, std::optional<base::Duration> retry_after = {}) {
    Outcome outcome;
    outcome.status = status;
    outcome.retry_after = retry_after;
    life_->registry.pace(kId).done(world_.clock.ticks(), outcome);
    keep();
  }
  base::Task<bool> keep_now() {
    co_await life_->registry.keep_pace(kId);
    co_return true;
  }
  void keep() { run(keep_now()); }
  void fail_until_open() {
    for (int i = 0; i < kFailuresToOpen; ++i) {
      ASSERT_FALSE(begin());
      done(500);
    }
  }
  bool is_kept() {
    const auto record = run(platform::get_one(life_->engine->store(), {"webhook-pace", kId}));
    return record && *record != nullptr;
  }

  sim::SimWorld world_{1};
  sim::SimMachine machine_{world_, "platform"};
  std::unique_ptr<PaceLife> life_;
};

TEST_F(WebhookPaceKept, an_open_circuit_stays_open_and_its_next_attempt_decides) {
  fail_until_open();
  const auto before = begin();
  restart();
  const auto after = begin();
  ASSERT_TRUE(before && after);
  EXPECT_GE(after->until - world_.clock.ticks(), base::Duration(kOpenFirst) / 2);
  world_.scheduler.run_for(kOpenFirst * 2);
  restart();
  ASSERT_FALSE(begin());
  EXPECT_TRUE(begin()) << "others wait for what comes of it";
  done(500);
  const auto longer = begin();
  ASSERT_TRUE(longer);
  EXPECT_GE(longer->until - world_.clock.ticks(), base::Duration(kOpenFirst) * 15 / 10);
}

TEST_F(WebhookPaceKept, a_closed_circuit_leaves_nothing_behind) {
  fail_until_open();
  EXPECT_TRUE(is_kept());
  world_.scheduler.run_for(kOpenFirst * 2);
  ASSERT_FALSE(begin());
  done(200);
  EXPECT_FALSE(is_kept());
  restart();
  EXPECT_FALSE(begin());
}

TEST_F(WebhookPaceKept, a_rest_that_the_receiver_asked_for_is_given) {
  ASSERT_FALSE(begin());
  done(503, 600s);
  restart();
  const auto away = begin();
  ASSERT_TRUE(away);
  EXPECT_GE(away->until - world_.clock.ticks(), 590s);
}

TEST_F(WebhookPaceKept, turns_of_the_rate_that_were_given_away_are_not_given_again) {
  ASSERT_FALSE(begin(1));
  Turn last;
  for (int i = 0; i < 30; ++i) {
    last = begin(1);
    ASSERT_TRUE(last && last->reserved);
    keep();
  }
  restart();
  const auto next = begin(1);
  ASSERT_TRUE(next && next->reserved);
  EXPECT_GT(next->until, last->until);
  EXPECT_LE(next->until, last->until + kTurnsAhead + 2s);
}

TEST_F(WebhookPaceKept, a_pace_without_a_past_is_not_written) {
  ASSERT_FALSE(begin());
  done(200);
  EXPECT_FALSE(is_kept());
}

}  // namespace
}  // namespace ow::notify::webhooks
