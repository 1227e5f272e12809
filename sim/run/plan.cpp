// See plan.h.
#include "sim/run/plan.h"

#include <fmt/format.h>

#include "sim/world/sim_random.h"

namespace ow::sim {

Plan draw_plan(std::uint64_t seed) {
  SimRandom random = SimRandom(seed).fork("plan");
  Plan plan;
  plan.seed = seed;
  plan.weak = seed % 2 == 1;
  plan.journaled = seed % 4 < 2;
  plan.shoppers = static_cast<int>(random.between(1, 5));
  plan.orders_each = static_cast<int>(random.between(2, 8));
  plan.crashes = static_cast<int>(random.between(1, 3));
  plan.disk_full = random.chance(150);
  const auto bad = [&random] { return random.chance(500) ? static_cast<std::uint32_t>(random.below(60)) : 0U; };
  plan.weather = {.refused = bad(),
                  .reset = bad(),
                  .reply_lost = bad(),
                  .silent = bad() / 3,
                  .late = bad() / 3,
                  .duplicated = bad(),
                  .delay_max = std::chrono::milliseconds(random.between(1, 40))};
  constexpr NetworkFault kFaults[] = {NetworkFault::refused, NetworkFault::reset, NetworkFault::reply_lost,
                                      NetworkFault::silent,  NetworkFault::late,  NetworkFault::duplicated};
  plan.fault = kFaults[random.below(std::size(kFaults))];
  plan.shopper_fault_at = 1 + random.below(5);
  plan.gateway_fault_at = 1 + random.below(2);
  plan.operators = random.chance(500);
  plan.replays = random.chance(500);
  plan.mail = {
      .refused = bad(), .postponed = 3 * bad(), .unreachable = bad(), .hanging = bad() / 2, .reply_lost = bad() / 2};
  return plan;
}

Plan draw_calm_plan(std::uint64_t seed) {
  auto plan = draw_plan(seed);
  plan.shoppers = 2;
  plan.orders_each = 3;
  plan.crashes = 0;
  plan.disk_full = false;
  plan.operators = false;
  plan.replays = false;
  plan.weather = {};
  plan.mail = {};
  plan.hours_heard = 1;
  return plan;
}

std::string describe(const Plan& plan) {
  return fmt::format("seed {} ({}{}): {} shoppers with {} orders each, {} crashes{}{}{}", plan.seed,
                     plan.weak ? "weak" : "strong", plan.journaled ? ", journaled" : "", plan.shoppers,
                     plan.orders_each, plan.crashes, plan.disk_full ? ", a full disk" : "",
                     plan.operators ? ", operators" : "", plan.replays ? ", replays" : "");
}

}  // namespace ow::sim
