// The saga's steps towards completed. See saga.h.
#include <fmt/core.h>

#include "base/bounds.h"
#include "inventory/stock.h"
#include "orders/saga.h"
#include "payments/charge.h"

namespace ow::orders {
namespace {

using base::Json;
using payments::Outcome;
using workflow::TaskInput;
using workflow::TaskOutcome;

// Why this step may not be taken now; nothing when it may.
std::optional<TaskOutcome> refuse(const Order& order, Status expected) {
  if (order.status != expected) {
    return failed(kFinished, fmt::format("The order is {} already.", status_text(order.status)));
  }
  if (order.cancel) return failed(kCancelled, "Cancelled on request.");
  return std::nullopt;
}

bool adds_up(const Order& order) {
  base::Money sum{0, order.total.currency};
  for (const auto& line : order.lines) sum = sum + line.price * line.quantity;
  return !order.lines.empty() && sum == order.total;
}

bool holds(const std::optional<inventory::Hold>& hold, base::Instant now) { return hold && now < hold->until; }

TaskOutcome charged(Order order, const Outcome& outcome, const Moment& moment) {
  order.payment = Payment::charged;
  order.payment_token.clear();
  auto commit = put_order(order, moment.now);
  commit.event(order_event(order, "payment.charged", moment,
                           Json::object({{"amount", money_json(order.total)}, {"paymentId", outcome.gateway_id}})));
  return succeeded(std::move(commit));
}

TaskOutcome declined(Order order, const Outcome& outcome, const Moment& moment) {
  const bool voided = outcome.kind == Outcome::Kind::voided;
  order.payment = voided ? Payment::voided : Payment::declined;
  order.payment_token.clear();
  auto result = failed(kDeclined, voided ? "The charge's key was voided." : outcome.reason);
  result.commit = put_order(order, moment.now);
  result.commit.event(order_event(order, "payment.declined", moment,
                                  Json::object({{"declineReason", voided ? "voided" : outcome.reason}})));
  return result;
}

platform::ChargeRequest charge_request(const Order& order, const std::string& traceparent) {
  return {payments::charge_key(order.id), order.id, order.total, order.payment_token, traceparent};
}

}  // namespace

TaskAnswer validate(SagaPorts, TaskInput input) {
  const auto order = co_await order_of(input);
  if (!order) co_return base::fail(order.error());
  if (auto refusal = refuse(*order, Status::pending)) co_return std::move(*refusal);
  if (!adds_up(*order)) co_return failed(kInvalid, "The lines do not add up to the total.");
  co_return succeeded({});
}

TaskAnswer reserve(SagaPorts ports, TaskInput input) {
  auto order = co_await order_of(input);
  if (!order) co_return base::fail(order.error());
  if (auto refusal = refuse(*order, Status::pending)) co_return std::move(*refusal);
  auto lines = stock_lines(*order);
  const auto shortage = co_await inventory::find_shortage(input.store, lines);
  if (!shortage) co_return base::fail(shortage.error());
  if (*shortage) {
    co_return failed(kOutOfStock, fmt::format("Fewer than {} of {} are available.", (*shortage)->quantity,
                                              (*shortage)->product.text));
  }
  const Moment moment{ports.clock.now(), input.traceparent};
  const auto until = moment.now + base::bounds::kHoldKept;
  auto commit = inventory::hold({order->id, std::move(lines), moment.now, until});
  commit.event(
      order_event(*order, "inventory.reserved", moment, Json::object({{"heldUntil", base::to_rfc3339(until)}})));
  order->status = Status::processing;
  commit.event(order_event(*order, "order.processing", moment));
  commit.merge(put_order(*order, moment.now));
  co_return succeeded(std::move(commit));
}

TaskAnswer charge(SagaPorts ports, TaskInput input) {
  auto order = co_await order_of(input);
  if (!order) co_return base::fail(order.error());
  if (auto refusal = refuse(*order, Status::processing)) co_return std::move(*refusal);
  if (order->payment == Payment::charged) co_return succeeded({});
  const auto hold = co_await inventory::find_hold(input.store, order->id);
  if (!hold) co_return base::fail(hold.error());
  if (!holds(*hold, ports.clock.now())) co_return failed(kHoldExpired, "The hold on the stock ended.");
  auto request = charge_request(*order, input.traceparent);
  const auto outcome = co_await payments::try_charge(ports.gateway, std::move(request), input.attempt > 1);
  const Moment moment{ports.clock.now(), input.traceparent};
  switch (outcome.kind) {
    case Outcome::Kind::done:
      co_return charged(std::move(*order), outcome, moment);
    case Outcome::Kind::declined:
    case Outcome::Kind::voided:
      co_return declined(std::move(*order), outcome, moment);
    case Outcome::Kind::unknown:
      break;
  }
  co_return failed(kUnknown, outcome.reason);
}

TaskAnswer confirm(SagaPorts ports, TaskInput input) {
  auto order = co_await order_of(input);
  if (!order) co_return base::fail(order.error());
  if (auto refusal = refuse(*order, Status::processing)) co_return std::move(*refusal);
  if (order->payment != Payment::charged) co_return failed(kInvalid, "The order was not charged.");
  const auto hold = co_await inventory::find_hold(input.store, order->id);
  if (!hold) co_return base::fail(hold.error());
  const Moment moment{ports.clock.now(), input.traceparent};
  if (!holds(*hold, moment.now)) co_return failed(kHoldExpired, "The hold on the stock ended.");
  order->status = Status::completed;
  auto commit = inventory::sell(**hold);
  commit.event(order_event(*order, "order.completed", moment));
  commit.merge(put_order(std::move(*order), moment.now));
  co_return succeeded(std::move(commit));
}

}  // namespace ow::orders
