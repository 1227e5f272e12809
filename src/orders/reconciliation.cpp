// See reconciliation.h.
#include "orders/reconciliation.h"

#include <map>

#include <fmt/core.h>

#include "orders/order.h"
#include "orders/saga.h"
#include "payments/charge.h"
#include "payments/obligations.h"
#include "platform/consumer.h"

namespace ow::orders {
namespace {

using namespace std::chrono_literals;
using base::ErrorCode;
using base::Json;
using platform::GatewayEffect;
using State = Restoration::State;

// The snapshot's instant by our clock against the gateway's.
constexpr auto kClocksApartMax = 1h;
// What the undone life asked of the gateway may still be under way there.
constexpr auto kGatewayAtWorkMax = 15min;
constexpr auto kAgainAfterFailure = 10s;
constexpr auto kAgain = 1min;
constexpr int kEffectsPagesMax = 1'000'000;

base::ExecutionId execution_of_return(const base::OrderId& order) {
  const auto tail = order.text.find('_');
  return base::ExecutionId("lost_" + (tail == std::string::npos ? order.text : order.text.substr(tail + 1)));
}

class Comparison {
 public:
  Comparison(ReconciliationPorts ports, Restoration restoration)
      : ports_(ports), restoration_(std::move(restoration)) {}

  base::Task<base::Result<Restoration>> run() {
    restoration_.effects = restoration_.lost_charges = restoration_.cancelled = restoration_.findings = 0;
    for (const bool deciding : {false, true}) {
      const auto done = co_await go_through(deciding);
      if (!done) co_return base::fail(done.error());
    }
    co_return restoration_;
  }

 private:
  // Once to add up what was given back of each charge, then to decide.
  base::Task<base::Result<void>> go_through(bool deciding) {
    std::string cursor;
    for (int page = 0; page < kEffectsPagesMax; ++page) {
      auto listed = co_await ports_.orders.gateway.effects(restoration_.made - kClocksApartMax, cursor);
      if (!listed) co_return base::fail(listed.error());
      for (const auto& effect : listed->effects) {
        if (!deciding && effect.kind == GatewayEffect::Kind::refund)
          returned_[effect.charge_key] += effect.amount.minor;
        if (!deciding) continue;
        const auto decided = co_await decide(effect);
        if (!decided) co_return decided;
      }
      if (listed->next_cursor.empty() || listed->effects.empty()) co_return base::Result<void>();
      cursor = listed->next_cursor;
    }
    co_return base::fail(ErrorCode::internal, "gateway_answer", "The payment gateway's list does not end.");
  }

  base::Task<base::Result<void>> decide(GatewayEffect effect) {
    ++restoration_.effects;
    if (effect.kind == GatewayEffect::Kind::other) co_return base::Result<void>();
    // Decided anew when the order moved meanwhile, and counted once all the same.
    const auto step = [this, &effect, counted = restoration_] {
      restoration_ = counted;
      return step_for(effect);
    };
    co_return co_await platform::commit_until_settled(ports_.orders.store, step);
  }

  base::Task<base::Result<platform::Commit>> step_for(GatewayEffect effect) {
    auto order = co_await find_order(ports_.orders.store, effect.order);
    if (!order) co_return base::fail(order.error());
    if (effect.kind == GatewayEffect::Kind::charge) {
      if (*order) co_return platform::Commit();
      co_return co_await give_back(std::move(effect));
    }
    if (!*order) co_return platform::Commit();  // its charge decides
    if (effect.key == payments::undo_key(effect.order))
      co_return co_await undone(std::move(**order), std::move(effect));
    for (const auto& refund : (*order)->refunds) {
      if (refund.id == effect.key) co_return platform::Commit();
    }
    co_return co_await find("refund_not_in_order", std::move(effect));
  }

  base::Task<base::Result<platform::Commit>> give_back(GatewayEffect charge) {
    charge.amount.minor -= returned_[charge.key];
    if (charge.amount.minor <= 0) co_return platform::Commit();
    ++restoration_.lost_charges;
    const auto execution = execution_of_return(charge.order);
    const auto known = co_await payments::find_obligation(ports_.orders.store, payments::obligation_id(execution));
    if (!known) co_return base::fail(known.error());
    if (*known) co_return platform::Commit();
    co_return returning(charge, execution);
  }

  platform::Commit returning(const GatewayEffect& charge, const base::ExecutionId& execution) const {
    payments::Obligation obligation;
    obligation.id = payments::obligation_id(execution);
    obligation.order = charge.order;
    obligation.purpose = payments::Obligation::Purpose::refund;
    obligation.amount = charge.amount;
    obligation.since = ports_.orders.clock.now();
    obligation.cause = fmt::format("Charged ({}), but the restore of {} undid the order.", charge.gateway_id,
                                   base::to_rfc3339(restoration_.restored));
    obligation.execution = execution;
    auto commit = payments::open_obligation(obligation);
    commit.merge(ports_.workflows.start(execution, kReturnLostCharge, Json::object({{"orderId", charge.order.text}}),
                                        obligation.since, {}));
    return commit;
  }

  // The saga of the undone life gave the charge back; ours would go on to completed.
  base::Task<base::Result<platform::Commit>> undone(Order order, GatewayEffect refund) {
    if (order.payment == Payment::undone || order.status == Status::failed || order.status == Status::cancelled) {
      co_return platform::Commit();
    }
    if (order.status == Status::completed) co_return co_await find("completed_but_given_back", std::move(refund));
    ++restoration_.cancelled;
    if (order.cancel) co_return platform::Commit();
    const auto now = ports_.orders.clock.now();
    order.cancel = CancelRequest{base::UserId("restore"), now};
    co_return put_order(std::move(order), now);
  }

  base::Task<base::Result<platform::Commit>> find(std::string what, GatewayEffect effect) {
    ++restoration_.findings;
    const RestoreFinding finding{effect.order,      std::move(what), effect.key,
                                 effect.gateway_id, effect.amount,   effect.time};
    const auto known = co_await platform::get_one(ports_.orders.store, finding_key(restoration_.id, finding));
    if (!known) co_return base::fail(known.error());
    if (*known) co_return platform::Commit();
    platform::Commit commit;
    commit.put(finding_record(restoration_.id, finding), platform::Expect::absent());
    co_return commit;
  }

  ReconciliationPorts ports_;
  Restoration restoration_;
  std::map<std::string, std::int64_t> returned_;  // by the charge's key, in minor units
};

void log_result(platform::Telemetry& telemetry, const Restoration& restoration) {
  telemetry.log(restoration.state == State::reconciled ? platform::LogLevel::info : platform::LogLevel::error,
                "restore_compared",
                {{"restore", restoration.id},
                 {"state", std::string(state_text(restoration.state))},
                 {"effects", std::to_string(restoration.effects)},
                 {"lost_charges", std::to_string(restoration.lost_charges)},
                 {"cancelled", std::to_string(restoration.cancelled)},
                 {"findings", std::to_string(restoration.findings)},
                 {"problem", restoration.problem}});
}

// True when there is nothing more to compare.
base::Task<base::Result<bool>> compare_once(ReconciliationPorts ports) {
  auto& store = ports.orders.store;
  auto newest = co_await newest_restoration(store);
  if (!newest) co_return base::fail(newest.error());
  if (!*newest || (*newest)->state == State::impossible) co_return true;
  Restoration restoration = std::move(**newest);
  const auto settled_from = restoration.restored + kGatewayAtWorkMax;
  if (restoration.state == State::reconciled && restoration.reconciled >= settled_from) co_return true;
  const auto begun = ports.orders.clock.now();
  Comparison comparison(ports, restoration);
  auto compared = co_await comparison.run();
  if (compared) {
    restoration = std::move(*compared);
    restoration.state = State::reconciled;
    restoration.reconciled = begun;
    restoration.problem.clear();
  } else {
    restoration.problem = compared.error().message;
    if (compared.error().code == ErrorCode::unsupported) restoration.state = State::impossible;
  }
  log_result(ports.orders.telemetry, restoration);
  const auto kept = co_await store.commit(put_restoration(restoration));
  if (!kept) co_return base::fail(kept.error());
  if (!compared) co_return base::fail(compared.error());
  co_return false;
}

}  // namespace

base::Task<void> run_reconciliation(ReconciliationPorts ports) {
  bool going = true;
  while (going) {
    const auto finished = co_await compare_once(ports);
    if (finished && *finished) co_return;
    const auto wait = finished ? base::Duration(kAgain) : base::Duration(kAgainAfterFailure);
    going = co_await ports.executor.sleep_until(ports.orders.clock.ticks() + wait);
  }
}

base::Task<base::Result<void>> check_reconciled(platform::Store& store) {
  const auto newest = co_await newest_restoration(store);
  if (!newest) co_return base::fail(newest.error());
  if (!*newest || (*newest)->state == State::reconciled) co_return base::Result<void>();
  const auto& problem = (*newest)->problem;
  co_return base::fail(ErrorCode::conflict, "reconcile_first",
                       fmt::format("What the payment gateway did since the snapshot is not compared yet{}{} See GET "
                                   "/api/restores, or resume with force.",
                                   problem.empty() ? "." : ": ", problem));
}

}  // namespace ow::orders
