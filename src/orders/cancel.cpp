// POST /api/orders/{id}/cancel: a flag that the saga reads at each transition, never a change of status
// beside it. See desk.h.
#include <fmt/core.h>

#include "ops/operator_action.h"
#include "orders/desk.h"

namespace ow::orders {
namespace {

using base::Json;

http::Response accepted(const Order& order) {
  return http::Response::json(
      202,
      Json::object({{"orderId", order.id.text}, {"status", status_text(order.status)}, {"cancelRequested", true}}));
}

// Its subject is not the order: an order's own events tell what became of it, not what was asked for.
platform::EventDraft asked_by_operator(Desk desk, const http::RequestContext& context, const Order& order) {
  return ops::operator_event(ops::operator_of(context), desk.ports.clock.now(),
                             {.type = "operator.order-cancel-requested",
                              .subject = order.id.text + "/cancel",
                              .details = Json::object({{"orderId", order.id.text}})});
}

}  // namespace

Answer cancel_request(Desk desk, const http::RequestContext& context) {
  auto order = co_await visible_order(desk, context);
  if (!order) co_return base::fail(order.error());
  if (is_final(order->status)) {
    co_return base::fail(base::ErrorCode::conflict, "order_is_" + std::string(status_text(order->status)),
                         fmt::format("The order is {} and cannot be cancelled.", status_text(order->status)));
  }
  http::Reply reply{accepted(*order)};
  if (order->cancel) co_return reply;
  const auto now = desk.ports.clock.now();
  order->cancel = CancelRequest{context.principal->user, now};
  const auto execution = execution_of(order->id);
  const bool of_another = order->customer != context.principal->user;
  if (of_another) reply.commit.event(asked_by_operator(desk, context, *order));
  reply.commit.merge(put_order(std::move(*order), now));
  reply.commit.merge(desk.workflows.nudge(execution, "cancel"));
  co_return reply;
}

}  // namespace ow::orders
