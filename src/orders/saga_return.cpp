// The task of return_lost_charge.asl.json. See saga.h.
#include "orders/saga.h"
#include "payments/charge.h"
#include "payments/obligations.h"

namespace ow::orders {

TaskAnswer return_lost_charge(SagaPorts ports, workflow::TaskInput input) {
  using payments::Obligation;
  using payments::Outcome;
  auto obligation = co_await payments::find_obligation(input.store, payments::obligation_id(input.execution));
  if (!obligation) co_return base::fail(obligation.error());
  if (!*obligation || (*obligation)->status != Obligation::Status::open) co_return succeeded({});
  const base::OrderId order((*obligation)->order);
  platform::RefundRequest request{payments::undo_key(order), payments::charge_key(order), order, (*obligation)->amount,
                                  input.traceparent};
  const auto outcome = co_await payments::try_refund(ports.gateway, std::move(request), true);
  if (outcome.kind == Outcome::Kind::unknown) co_return failed(kUnknown, outcome.reason);
  if (outcome.kind != Outcome::Kind::done)
    co_return failed(kRefused, "The gateway refused the refund: " + outcome.reason);
  co_return succeeded(payments::close_obligation(std::move(**obligation), Obligation::Status::settled, {}, {}));
}

}  // namespace ow::orders
