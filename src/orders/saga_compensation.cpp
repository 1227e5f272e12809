// The saga's steps back: refund, release, and what remains owed. See saga.h.
#include <array>

#include <fmt/core.h>

#include "inventory/stock.h"
#include "orders/saga.h"
#include "payments/charge.h"
#include "payments/obligations.h"

namespace ow::orders {
namespace {

using base::Json;
using payments::Obligation;
using payments::Outcome;
using workflow::TaskInput;
using workflow::TaskOutcome;

TaskOutcome finished(const Order& order) {
  return failed(kFinished, fmt::format("The order is {} already.", status_text(order.status)));
}

void add_charged_event(platform::Commit& commit, const Order& order, const Outcome& outcome, const Moment& moment) {
  commit.event(order_event(order, "payment.charged", moment,
                           Json::object({{"amount", money_json(order.total)}, {"paymentId", outcome.gateway_id}})));
}

void add_refunded_event(platform::Commit& commit, const Order& order, const Outcome& outcome, const Moment& moment) {
  commit.event(
      order_event(order, "payment.refunded", moment,
                  Json::object({{"amount", money_json(order.total)}, {"refundPaymentId", outcome.gateway_id}})));
}

platform::RefundRequest undo_request(const Order& order, const std::string& traceparent) {
  return {payments::undo_key(order.id), payments::charge_key(order.id), order.id, order.total, traceparent};
}

std::string_view reason_of(std::string_view error) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kReasons = {{{kOutOfStock, "out_of_stock"},
                                                                                      {kDeclined, "payment_declined"},
                                                                                      {kUnknown, "payment_unavailable"},
                                                                                      {kHoldExpired, "hold_expired"},
                                                                                      {kInvalid, "invalid_order"}}};
  for (const auto& [name, reason] : kReasons) {
    if (name == error) return reason;
  }
  return "internal_error";
}

// The charge that may have happened is looked at, and given back if it did.
base::Task<std::optional<TaskOutcome>> settle_money(SagaPorts ports, const TaskInput& input, Order order,
                                                    const Obligation& obligation, platform::Commit& commit) {
  std::optional<Outcome> voided;
  if (obligation.purpose == Obligation::Purpose::settle_charge) {
    voided = co_await payments::try_void(ports.gateway, payments::charge_key(order.id), input.traceparent);
    if (voided->kind == Outcome::Kind::unknown) co_return failed(kUnknown, voided->reason);
  }
  const bool charged = !voided || voided->kind == Outcome::Kind::done;
  order.payment = charged ? Payment::undone : Payment::voided;
  Outcome refunded;
  if (charged) {
    refunded = co_await payments::try_refund(ports.gateway, undo_request(order, input.traceparent), true);
    if (refunded.kind != Outcome::Kind::done) co_return failed(kUnknown, refunded.reason);
  }
  const Moment moment{ports.clock.now(), input.traceparent};
  if (charged && voided) add_charged_event(commit, order, *voided, moment);
  if (charged) add_refunded_event(commit, order, refunded, moment);
  commit.merge(put_order(std::move(order), moment.now));
  co_return std::nullopt;
}

}  // namespace

TaskAnswer void_charge(SagaPorts ports, TaskInput input) {
  auto order = co_await order_of(input);
  if (!order) co_return base::fail(order.error());
  if (order->status != Status::processing) co_return finished(*order);
  if (order->payment == Payment::charged) co_return succeeded({}, Json::object({{"charged", true}}));
  const auto outcome = co_await payments::try_void(ports.gateway, payments::charge_key(order->id), input.traceparent);
  if (outcome.kind == Outcome::Kind::unknown) co_return failed(kUnknown, outcome.reason);
  const bool charged = outcome.kind == Outcome::Kind::done;
  const Moment moment{ports.clock.now(), input.traceparent};
  order->payment = charged ? Payment::charged : Payment::voided;
  platform::Commit commit;
  if (charged) add_charged_event(commit, *order, outcome, moment);
  commit.merge(put_order(std::move(*order), moment.now));
  co_return succeeded(std::move(commit), Json::object({{"charged", charged}}));
}

TaskAnswer undo_charge(SagaPorts ports, TaskInput input) {
  auto order = co_await order_of(input);
  if (!order) co_return base::fail(order.error());
  if (order->status != Status::processing) co_return finished(*order);
  if (order->payment == Payment::undone) co_return succeeded({});
  auto request = undo_request(*order, input.traceparent);
  const auto outcome = co_await payments::try_refund(ports.gateway, std::move(request), input.attempt > 1);
  if (outcome.kind == Outcome::Kind::unknown) co_return failed(kUnknown, outcome.reason);
  if (outcome.kind != Outcome::Kind::done)
    co_return failed(kRefused, "The gateway refused the refund: " + outcome.reason);
  const Moment moment{ports.clock.now(), input.traceparent};
  order->payment = Payment::undone;
  platform::Commit commit;
  add_refunded_event(commit, *order, outcome, moment);
  commit.merge(put_order(std::move(*order), moment.now));
  co_return succeeded(std::move(commit));
}

TaskAnswer owe(SagaPorts ports, TaskInput input) {
  auto order = co_await order_of(input);
  if (!order) co_return base::fail(order.error());
  Obligation obligation;
  obligation.id = payments::obligation_id(input.execution);
  auto output = Json::object({{"obligationId", obligation.id.text}});
  if (order->payment == Payment::owed) co_return succeeded({}, std::move(output));
  obligation.order = order->id;
  obligation.purpose =
      order->payment == Payment::charged ? Obligation::Purpose::refund : Obligation::Purpose::settle_charge;
  obligation.amount = order->total;
  obligation.owed_to = order->customer;
  obligation.since = ports.clock.now();
  obligation.cause = input_text(input, "cause");
  obligation.execution = input.execution;
  auto commit = payments::open_obligation(obligation);
  order->payment = Payment::owed;
  commit.merge(put_order(std::move(*order), obligation.since));
  co_return succeeded(std::move(commit), std::move(output));
}

TaskAnswer release(SagaPorts ports, TaskInput input) {
  const auto order = co_await order_of(input);
  if (!order) co_return base::fail(order.error());
  const auto hold = co_await inventory::find_hold(input.store, order->id);
  if (!hold) co_return base::fail(hold.error());
  if (is_final(order->status) || !*hold) co_return succeeded({});
  auto commit = inventory::release(**hold);
  commit.event(order_event(*order, "inventory.released", {ports.clock.now(), input.traceparent}));
  co_return succeeded(std::move(commit));
}

TaskAnswer fail_order(SagaPorts ports, TaskInput input) {
  auto order = co_await order_of(input);
  if (!order) co_return base::fail(order.error());
  if (is_final(order->status)) co_return succeeded({});
  if (order->cancel) co_return failed(kCancelled, "Cancelled on request.");
  const Moment moment{ports.clock.now(), input.traceparent};
  order->status = Status::failed;
  order->reason = reason_of(input_text(input, "error"));
  order->payment_token.clear();
  platform::Commit commit;
  commit.event(order_event(*order, "order.failed", moment, Json::object({{"reason", order->reason}})));
  commit.merge(put_order(std::move(*order), moment.now));
  co_return succeeded(std::move(commit));
}

TaskAnswer cancel_order(SagaPorts ports, TaskInput input) {
  auto order = co_await order_of(input);
  if (!order) co_return base::fail(order.error());
  if (is_final(order->status)) co_return succeeded({});
  const Moment moment{ports.clock.now(), input.traceparent};
  order->status = Status::cancelled;
  order->reason = "cancelled";
  order->payment_token.clear();
  auto more = Json::object({{"reason", order->reason}});
  if (order->cancel) more.set("cancelledBy", order->cancel->by.text);
  platform::Commit commit;
  commit.event(order_event(*order, "order.cancelled", moment, std::move(more)));
  commit.merge(put_order(std::move(*order), moment.now));
  co_return succeeded(std::move(commit));
}

TaskAnswer settle(SagaPorts ports, TaskInput input) {
  auto order = co_await order_of(input);
  if (!order) co_return base::fail(order.error());
  const auto obligation = co_await payments::find_obligation(input.store, payments::obligation_id(input.execution));
  if (!obligation) co_return base::fail(obligation.error());
  if (!*obligation || (*obligation)->status != Obligation::Status::open) co_return succeeded({});
  auto commit = payments::close_obligation(**obligation, Obligation::Status::settled, {}, {});
  auto failure = co_await settle_money(ports, input, std::move(*order), **obligation, commit);
  if (failure) co_return std::move(*failure);
  co_return succeeded(std::move(commit));
}

}  // namespace ow::orders
