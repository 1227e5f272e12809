// One seed from start to reckoning. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "harness/audit.h"
#include "sim/run/plan.h"
#include "sim/world/world.h"

namespace ow::sim {

struct SeedResult {
  std::vector<tests::Finding> findings;
  std::uint64_t fingerprint = 0;
  std::size_t orders = 0;
  std::size_t completed = 0;
  int crashes = 0;
  int crashes_inside_saga = 0;
  int cancels = 0;
  std::size_t deliveries = 0;  // webhook requests that receivers saw
  int redrives = 0;
  int pauses = 0;
  std::size_t replays = 0;
  std::size_t copies = 0;  // messages that rules and replays sent
  std::size_t restores = 0;
  std::size_t lost_charges = 0;  // of orders that a restore undid
  std::uint64_t faults = 0;
  std::uint64_t steps = 0;
  std::deque<std::string> history;
};

SeedResult run_seed(const Plan& plan);

/// What the world itself knows at the end of a run: faults, steps, fingerprint, history.
void take_world(SimWorld& world, SeedResult& result);

}  // namespace ow::sim
