// Refunds of completed orders: money first, then stock by choice, in one commit. See saga.h.
#include <algorithm>

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

Refund* refund_in(Order& order, const TaskInput& input) {
  const auto id = input_text(input, "refundId");
  const auto found =
      std::find_if(order.refunds.begin(), order.refunds.end(), [&](const Refund& refund) { return refund.id == id; });
  return found == order.refunds.end() ? nullptr : &*found;
}

platform::RefundRequest refund_request(const Order& order, const Refund& refund, const std::string& traceparent) {
  return {refund.id, payments::charge_key(order.id), order.id, refund.amount, traceparent};
}

Json refund_members(const Order& order, const Refund& refund, const Outcome& outcome) {
  return Json::object({{"refundId", refund.id},
                       {"amount", money_json(refund.amount)},
                       {"refundedTotal", money_json(refunded_total(order))},
                       {"refundPaymentId", outcome.gateway_id},
                       {"by", refund.by.text},
                       {"why", refund.reason}});
}

// The gateway gave the money back: the order says so, and the stock follows.
platform::Commit refunded(Order& order, Refund& refund, const Outcome& outcome, const Moment& moment) {
  refund.state = Refund::State::refunded;
  platform::Commit commit;
  commit.event(order_event(order, "payment.refunded", moment, refund_members(order, refund, outcome)));
  if (refund.restock) {
    commit.merge(inventory::restock(refund.lines));
    commit.event(order_event(order, "inventory.released", moment, Json::object({{"refundId", refund.id}})));
  }
  commit.merge(put_order(order, moment.now));
  return commit;
}

TaskAnswer pay_back(SagaPorts ports, const TaskInput& input, Order order, bool asked_before, platform::Commit closing) {
  Refund* refund = refund_in(order, input);
  auto request = refund_request(order, *refund, input.traceparent);
  const auto outcome = co_await payments::try_refund(ports.gateway, std::move(request), asked_before);
  if (outcome.kind == Outcome::Kind::unknown) co_return failed(kUnknown, outcome.reason);
  if (outcome.kind != Outcome::Kind::done)
    co_return failed(kRefused, "The gateway refused the refund: " + outcome.reason);
  closing.merge(refunded(order, *refund, outcome, {ports.clock.now(), input.traceparent}));
  co_return succeeded(std::move(closing));
}

}  // namespace

TaskAnswer refund(SagaPorts ports, TaskInput input) {
  auto order = co_await order_of(input);
  if (!order) co_return base::fail(order.error());
  const Refund* refund = refund_in(*order, input);
  if (refund == nullptr || refund->state != Refund::State::pending) co_return succeeded({});
  co_return co_await pay_back(ports, input, std::move(*order), input.attempt > 1, {});
}

TaskAnswer owe_refund(SagaPorts ports, TaskInput input) {
  auto order = co_await order_of(input);
  if (!order) co_return base::fail(order.error());
  Refund* refund = refund_in(*order, input);
  if (refund == nullptr || refund->state != Refund::State::pending) co_return succeeded({});
  refund->state = Refund::State::owed;
  Obligation obligation;
  obligation.id = payments::obligation_id(input.execution);
  obligation.order = order->id;
  obligation.purpose = Obligation::Purpose::refund;
  obligation.amount = refund->amount;
  obligation.owed_to = order->customer;
  obligation.since = ports.clock.now();
  obligation.cause = input_text(input, "cause");
  obligation.execution = input.execution;
  auto commit = payments::open_obligation(obligation);
  commit.merge(put_order(std::move(*order), obligation.since));
  co_return succeeded(std::move(commit));
}

TaskAnswer refund_owed(SagaPorts ports, TaskInput input) {
  auto order = co_await order_of(input);
  if (!order) co_return base::fail(order.error());
  Refund* refund = refund_in(*order, input);
  if (refund == nullptr || refund->state != Refund::State::owed) co_return succeeded({});
  const auto obligation = co_await payments::find_obligation(input.store, payments::obligation_id(input.execution));
  if (!obligation) co_return base::fail(obligation.error());
  if (!*obligation || (*obligation)->status != Obligation::Status::open) {
    refund->state = Refund::State::waived;
    co_return succeeded(put_order(std::move(*order), ports.clock.now()));
  }
  auto closing = payments::close_obligation(**obligation, Obligation::Status::settled, {}, {});
  co_return co_await pay_back(ports, input, std::move(*order), true, std::move(closing));
}

}  // namespace ow::orders
