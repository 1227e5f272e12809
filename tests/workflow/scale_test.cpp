// What many executions cost: parked ones in memory, and many that become due at once in how long others wait.
// On the embedded engine over RocksDB. Prints figures; OW_PARKED and OW_DUE set how many (a million and 10,000
// are what the platform is meant for; the defaults suit every day). Test thread only.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine/embedded_engine.h"
#include "engine/rocks/key_value.h"
#include "sim/world/world.h"
#include "workflow/workflows.h"

namespace ow::workflow_test {
namespace {

using base::Json;
using base::Result;
using base::Task;
using workflow::TaskInput;
using workflow::TaskOutcome;
using namespace std::chrono_literals;

std::int64_t count_of(const char* variable, std::int64_t otherwise) {
  const char* given = std::getenv(variable);
  return given == nullptr ? otherwise : std::strtoll(given, nullptr, 10);
}

/// Bytes of this process that are in memory and its own.
std::int64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t pages = 0, resident = 0, shared = 0;
  statm >> pages >> resident >> shared;
  return (resident - shared) * ::sysconf(_SC_PAGESIZE);
}

class NoRules final : public platform::EventRules {
 public:
  std::vector<platform::RuleTarget> match(const platform::EventDraft&) const override { return {}; }
};

class Folder {
 public:
  Folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "ow_scale_XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

const char* const kSleeper = R"({"StartAt":"Sleep","States":{
  "Sleep":{"Type":"Wait","TimestampPath":"$.until","Next":"Wake"},
  "Wake":{"Type":"Task","Resource":"wake","End":true}}})";
const char* const kOrder = R"({"StartAt":"First","States":{
  "First":{"Type":"Task","Resource":"step","Next":"Outside"},
  "Outside":{"Type":"Task","Resource":"outside","Next":"Last"},
  "Last":{"Type":"Task","Resource":"last","End":true}}})";

/// An order takes two messages, and each meets those in flight when it is sent and those of the next commit.
constexpr std::int64_t kWokenBesideAnOrderMax = 2 * 2 * workflow::bounds::kDueInFlightMax;

struct Scale : testing::Test {
  Scale() {
    tasks["wake"] = {[this](TaskInput input) { return wake(std::move(input)); }};
    tasks["step"] = {[this](TaskInput input) { return step(std::move(input)); }};
    tasks["outside"] = {[this](TaskInput input) { return step(std::move(input)); }, true};
    tasks["last"] = {[this](TaskInput input) { return last(std::move(input)); }};
    engine::RocksOptions options;
    options.directory = folder.path() + "/store";
    key_value = engine::open_rocks(options).value();
    engine = engine::EmbeddedEngine::open(
                 {*key_value, process->executor, world.clock, process->random, rules, machine.telemetry})
                 .value();
    const platform::ConsumerPorts ports{process->executor, engine->queues(), engine->store(),
                                        world.clock,       process->random,  machine.telemetry};
    workflows = std::make_unique<workflow::Workflows>(ports, tasks);
    EXPECT_TRUE(workflows->define("sleeper", kSleeper).has_value());
    EXPECT_TRUE(workflows->define("order", kOrder).has_value());
    for (auto& queue : workflow::workflow_queues()) {
      EXPECT_TRUE(process->executor.run(engine->queue_admin().declare(std::move(queue))).has_value());
    }
    process->executor.spawn(engine->run_timers());
    for (auto& spec : workflows->consumers()) process->executor.spawn(platform::run_consumer(ports, std::move(spec)));
  }
  ~Scale() override { process.reset(); }  // frames go first: they refer to the rest

  Task<Result<TaskOutcome>> wake(TaskInput) {
    if (++woken % order_every == 0) process->executor.spawn(start_order(woken));
    co_return TaskOutcome{};
  }
  Task<Result<TaskOutcome>> step(TaskInput input) { co_return TaskOutcome{.output = std::move(input.input)}; }
  /// How many were woken while the order was under way.
  Task<Result<TaskOutcome>> last(TaskInput input) {
    waits.push_back(woken - input.input.integer_at("at").value_or(0));
    co_return TaskOutcome{};
  }
  Task<void> start_order(std::int64_t at) {
    auto commit = workflows->start(base::ExecutionId(fmt::format("exe_order_{}", at)), "order",
                                   Json::object({{"at", Json(at)}}), world.clock.now(), "");
    const auto outcome = co_await engine->store().commit(std::move(commit));
    EXPECT_TRUE(outcome && outcome->committed());
  }

  /// Starts executions that sleep until then, and lets them fall asleep.
  void put_to_sleep(std::int64_t from, std::int64_t count, base::Instant until) {
    constexpr std::int64_t kPerCommit = 40;
    const auto input =
        Json::object({{"until", base::to_rfc3339(until)}, {"orderId", "ord_01JD0000000000000000000000"}});
    for (auto at = from; at < count; at += kPerCommit) {
      platform::Commit commit;
      for (auto one = at; one < std::min(at + kPerCommit, count); ++one) {
        commit.merge(workflows->start(base::ExecutionId(fmt::format("exe_{:020}", one)), "sleeper", input,
                                      world.clock.now(), ""));
      }
      const auto outcome = process->executor.run(engine->store().commit(std::move(commit)));
      ASSERT_TRUE(outcome && outcome->committed());
      if (at % (kPerCommit * 50) == 0) world.scheduler.run_for(10ms);
    }
    world.scheduler.run_for(1s);
  }
  std::int64_t asleep() {
    const auto last = process->executor.run(workflows->find(base::ExecutionId(fmt::format("exe_{:020}", 0))));
    return last && *last && (*last)->state == "Sleep" ? 1 : 0;
  }

  std::int64_t woken = 0;
  std::int64_t order_every = 100;
  std::vector<std::int64_t> waits;
  workflow::TaskRegistry tasks;
  Folder folder;
  NoRules rules;
  sim::SimWorld world{11};
  sim::SimMachine machine{world, "platform"};
  std::unique_ptr<sim::SimProcess> process = std::make_unique<sim::SimProcess>(world, machine);
  std::unique_ptr<platform::KeyValue> key_value;
  std::unique_ptr<engine::EmbeddedEngine> engine;
  std::unique_ptr<workflow::Workflows> workflows;
};

TEST_F(Scale, parked_executions_cost_disk_and_no_memory) {
  const auto count = count_of("OW_PARKED", 4'000);
  // What is full whatever is stored: caches, memory tables.
  put_to_sleep(0, count / 2, world.clock.now() + 24h * 30);
  const auto before = resident_bytes();
  put_to_sleep(count / 2, count, world.clock.now() + 24h * 30);
  const auto grown = resident_bytes() - before;
  std::int64_t on_disk = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
    if (entry.is_regular_file()) on_disk += static_cast<std::int64_t>(entry.file_size());
  }
  EXPECT_EQ(asleep(), 1);
  EXPECT_EQ(woken, 0);
  fmt::print(
      "parked: {} executions; memory before the second half {} MB, after it {} MB ({} bytes each); on disk {} MB\n",
      count, before >> 20, (before + grown) >> 20, grown / std::max<std::int64_t>(count / 2, 1), on_disk >> 20);
}

TEST_F(Scale, many_that_are_due_at_once_let_others_through) {
  const auto count = count_of("OW_DUE", 1'000);
  put_to_sleep(0, count, world.clock.now() + 1h);
  world.scheduler.run_for(2h);
  EXPECT_EQ(woken, count);
  ASSERT_EQ(waits.size(), static_cast<std::size_t>(count / order_every));
  std::sort(waits.begin(), waits.end());
  // However many are due, an order waits for those in flight beside each of its few messages only.
  EXPECT_LE(waits.back(), kWokenBesideAnOrderMax);
  fmt::print(
      "due at once: {} executions; an order of three steps that came meanwhile ended after {} (median) to {} (most) of "
      "them\n",
      count, waits[waits.size() / 2], waits.back());
}

}  // namespace
}  // namespace ow::workflow_test
