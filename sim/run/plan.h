// What one seed decides before it runs: options, workload, faults. One thread.
#pragma once

#include <cstdint>
#include <string>

#include "base/instant.h"
#include "sim/world/sim_mail.h"
#include "sim/world/sim_network.h"

namespace ow::sim {

/// Defects that can be planted, each of which one named checker must find.
enum class Bug : std::uint8_t {
  none,
  dropped_ack,
  double_charge,
  lost_hold,
  swapped_group,
  answer_before_sync,
  lost_webhook,
  forgotten_transition,
  lost_redrive,
  lost_mail,
  second_mail,
  receipt_gap,
  second_receipt,
  unasked_gateway,
  numbers_again,
  skipped_replay,
  doubled_replay,
  swapped_replay
};

struct Plan {
  std::uint64_t seed = 0;
  bool weak = false;       // Store, Queues and EventLog behave as AWS may
  bool journaled = false;  // the store keeps a journal above its tables, as production has it
  int shoppers = 3;
  int orders_each = 5;
  int crashes = 1;
  bool disk_full = false;
  bool operators = false;  // pause, redrive and change versions meanwhile
  NetworkWeather weather;
  MailWeather mail;
  NetworkFault fault = NetworkFault::reply_lost;  // of one request of the shoppers and one to the gateway
  std::uint64_t shopper_fault_at = 1;
  std::uint64_t gateway_fault_at = 1;
  bool replays = false;  // an operator routes events and replays them
  int hours_heard =
      30;  // listeners may take to hear of everything: beyond the pauses after a handful of failed attempts
  Bug bug = Bug::none;
  bool trace = false;
};

Plan draw_plan(std::uint64_t seed);
/// A small workload without crashes and bad weather, in which a notice that is missing or doubled cannot hide behind
/// those of hours of trying again.
Plan draw_calm_plan(std::uint64_t seed);

/// One line for people.
std::string describe(const Plan& plan);

}  // namespace ow::sim
