// A whole crash as world.h describes it: a process that appends and syncs on its commit lane is killed
// between two calls of the disk, and another goes on with what is left.
#include "sim/world/world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "contracts/key_value_pairs.h"

namespace ow::sim {
namespace {

using namespace std::chrono_literals;
using base::Task;

/// Appends 0, 1, 2 … and tells the number of each that was synced.
Task<void> append_and_tell(SimProcess& process, MemoryKeyValue& store, int first, int& told) {
  for (int number = first;; ++number) {
    auto synced = std::make_shared<bool>(false);
    co_await platform::offload(process.executor, platform::Lane::commit, [&store, number, synced] {
      const auto position = store.append({contracts::put(std::to_string(1000 + number), "x")});
      *synced = position && store.sync(*position);
    });
    if (!*synced) co_return;
    told = number;
  }
}

/// Crashes twenty times by seed; the fingerprint of the run.
std::uint64_t crash_often(std::uint64_t seed) {
  SimWorld world(seed);
  SimMachine machine(world, "platform");
  int told = -1;
  int found_before = 0;
  for (int life = 0; life < 20; ++life) {
    auto process = std::make_unique<SimProcess>(world, machine);
    auto store = MemoryKeyValue::open(machine.disk).value();
    const auto found = static_cast<int>(contracts::scan(*store->view()).size());
    EXPECT_GE(found, told + 1) << "a number that was told is lost";
    EXPECT_LE(found, std::max(told + 1, found_before) + 1) << "more than the one append under way";
    found_before = found;
    world.history.note("found", static_cast<std::uint64_t>(found));
    const auto call = machine.random.chance(500) ? DiskCall::append : DiskCall::sync;
    const auto nth = static_cast<std::uint64_t>(machine.random.between(1, 10));
    const auto kill = [&] { process->kill(machine); };
    if (machine.random.chance(500)) {
      machine.disk.before_call(call, nth, kill);
    } else {
      machine.disk.after_call(call, nth, kill);
    }
    process->executor.spawn(append_and_tell(*process, *store, found, told));
    EXPECT_EQ(world.scheduler.run_until_idle(), SimScheduler::End::halted);
    process.reset();
    store.reset();
    machine.disk.crash(machine.random);
  }
  EXPECT_GT(told, 10);
  return world.history.fingerprint();
}

TEST(SimWorldCrash, what_was_told_survives_every_crash_and_two_runs_of_a_seed_agree) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) EXPECT_EQ(crash_often(seed), crash_often(seed));
}

}  // namespace
}  // namespace ow::sim
