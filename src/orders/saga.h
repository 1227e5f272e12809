// The tasks of place_order.asl.json and refund_order.asl.json. Each reads the order through the task's store,
// guards the transition and returns the effects as a Commit; a put is conditioned on the version read, so a
// task that lost a race runs again on fresh state. Loop thread.
#pragma once

#include "orders/order.h"
#include "orders/order_events.h"
#include "platform/clock.h"
#include "platform/payment_gateway.h"
#include "workflow/task_handler.h"

namespace ow::orders {

struct SagaPorts {
  platform::PaymentGateway& gateway;
  const platform::Clock& clock;
};

using TaskAnswer = base::Task<base::Result<workflow::TaskOutcome>>;

// Errors in the language's terms.
inline constexpr std::string_view kFinished = "Order.Finished";  // another execution carried it: change nothing
inline constexpr std::string_view kCancelled = "Order.Cancelled";
inline constexpr std::string_view kInvalid = "Order.Invalid";
inline constexpr std::string_view kOutOfStock = "Order.OutOfStock";
inline constexpr std::string_view kHoldExpired = "Order.HoldExpired";
inline constexpr std::string_view kDeclined = "Payment.Declined";
inline constexpr std::string_view kUnknown = "Payment.Unknown";  // the gateway did not say: ask again
inline constexpr std::string_view kRefused = "Payment.Refused";  // the gateway does not give the money back

// Forward (saga_forward.cpp).
/// Pending and not cancelled, and the lines still add up to the total.
TaskAnswer validate(SagaPorts ports, workflow::TaskInput input);
/// available -> held for all lines or none, for bounds::kHoldKept; the order is processing.
TaskAnswer reserve(SagaPorts ports, workflow::TaskInput input);
/// Charges under the order's only key, within the hold's time. Calls outside.
TaskAnswer charge(SagaPorts ports, workflow::TaskInput input);
/// held -> sold, while the hold lasts and nobody cancelled; the order is completed.
TaskAnswer confirm(SagaPorts ports, workflow::TaskInput input);

// Compensation (saga_compensation.cpp).
/// Forbids the charge's key; output `{"charged": bool}`. Calls outside.
TaskAnswer void_charge(SagaPorts ports, workflow::TaskInput input);
/// Gives the whole charge back. Calls outside.
TaskAnswer undo_charge(SagaPorts ports, workflow::TaskInput input);
/// Opens the obligation for what void_charge or undo_charge could not do; output its id.
TaskAnswer owe(SagaPorts ports, workflow::TaskInput input);
/// held -> available, if anything is held.
TaskAnswer release(SagaPorts ports, workflow::TaskInput input);
/// The order is failed, with the reason of input.error; fails with kCancelled if somebody cancelled
/// meanwhile.
TaskAnswer fail_order(SagaPorts ports, workflow::TaskInput input);
TaskAnswer cancel_order(SagaPorts ports, workflow::TaskInput input);
/// Does what is owed, unless it was waived. Calls outside.
TaskAnswer settle(SagaPorts ports, workflow::TaskInput input);

// Refunds of completed orders (refund_tasks.cpp).
/// Money back under the refund's id, then stock back if asked. Calls outside.
TaskAnswer refund(SagaPorts ports, workflow::TaskInput input);
TaskAnswer owe_refund(SagaPorts ports, workflow::TaskInput input);
/// refund() for one that is owed, unless it was waived. Calls outside.
TaskAnswer refund_owed(SagaPorts ports, workflow::TaskInput input);

// After a restore (saga_return.cpp).
/// Gives back the charge of an order that this store does not know, unless it was waived. Calls outside.
TaskAnswer return_lost_charge(SagaPorts ports, workflow::TaskInput input);

// Shared by the above (saga_step.cpp).
/// The order of input.orderId. Error not_found.
base::Task<base::Result<Order>> order_of(const workflow::TaskInput& input);
workflow::TaskOutcome failed(std::string_view error, std::string cause);
workflow::TaskOutcome succeeded(platform::Commit commit, base::Json output = base::Json::object());
/// A text member of the input, or "".
std::string input_text(const workflow::TaskInput& input, const char* name);

}  // namespace ow::orders
