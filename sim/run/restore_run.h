// The restore workload: orders, a snapshot at one instant, more orders in a life that is then undone, a restore from the
// snapshot beside a gateway that did not go back, and orders again. Then the reckoning: nothing of before the snapshot
// is lost, what the undone life was paid is given back or owed, and no number it gave out stands for anything else. One
// thread.
#pragma once

#include "sim/run/plan.h"
#include "sim/run/run_seed.h"

namespace ow::sim {

SeedResult run_restore(const Plan& plan);

}  // namespace ow::sim
