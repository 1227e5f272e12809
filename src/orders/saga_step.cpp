// What the saga's tasks share. See saga.h.
#include "orders/saga.h"

namespace ow::orders {

std::string input_text(const workflow::TaskInput& input, const char* name) { return input.input.text_at(name); }

base::Task<base::Result<Order>> order_of(const workflow::TaskInput& input) {
  auto order = co_await find_order(input.store, base::OrderId(input_text(input, "orderId")));
  if (!order) co_return base::fail(order.error());
  if (!*order) {
    co_return base::fail(base::ErrorCode::not_found, "order_not_found",
                         "Execution " + input.execution.text + " is about an order that does not exist.");
  }
  co_return std::move(**order);
}

workflow::TaskOutcome failed(std::string_view error, std::string cause) {
  workflow::TaskOutcome outcome;
  outcome.failure = workflow::TaskFailure{std::string(error), std::move(cause)};
  return outcome;
}

workflow::TaskOutcome succeeded(platform::Commit commit, base::Json output) {
  workflow::TaskOutcome outcome;
  outcome.output = std::move(output);
  outcome.commit = std::move(commit);
  return outcome;
}

}  // namespace ow::orders
