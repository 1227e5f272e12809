// POST /api/orders/{id}/refund: money of a completed order back, all or by lines, stock by choice. The
// request is recorded and refund_order.asl.json carries it out. See desk.h.
#include <fmt/core.h>

#include "base/bounds.h"
#include "inventory/violations.h"
#include "ops/operator_action.h"
#include "orders/desk.h"
#include "orders/order_events.h"
#include "platform/trace_text.h"

namespace ow::orders {
namespace {

using base::ErrorCode;
using base::Json;
using inventory::StockLine;
using inventory::Violations;

constexpr std::size_t kRefundsPerOrderMax = 100;
constexpr std::int64_t kUnitsMax = base::bounds::kOrderLinesMax * base::bounds::kLineQuantityMax;

struct RefundWish {
  std::vector<StockLine> lines;  // empty: all that is left
  bool restock = false;
  std::string reason;
};

std::vector<StockLine> parse_refund_lines(const Json::Array& lines, Violations& violations) {
  std::vector<StockLine> parsed;
  if (lines.empty() || lines.size() > base::bounds::kOrderLinesMax) {
    violations.add(fmt::format("lines must have 1 to {} entries", base::bounds::kOrderLinesMax));
    return parsed;
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto quantity = lines[i].integer_at("quantity").value_or(0);
    if (quantity < 1 || quantity > kUnitsMax) {
      violations.add(fmt::format("lines[{}].quantity must be an integer from 1 to {}", i, kUnitsMax));
    }
    parsed.push_back({base::ProductId(lines[i].text_at("productId")), quantity});
  }
  return parsed;
}

// The body fits the route's schema.
base::Result<RefundWish> parse_wish(const Json& body) {
  Violations violations;
  RefundWish wish;
  if (const Json* lines = body.find("lines")) wish.lines = parse_refund_lines(lines->as_array(), violations);
  wish.restock = body.bool_at("restock").value_or(false);
  auto reason = ops::optional_reason(body);
  if (!reason) violations.add(reason.error().violations.front());
  wish.reason = std::move(reason).value_or("");
  if (auto verdict = violations.verdict("invalid_refund", "The refund is not valid."); !verdict) {
    return base::fail(std::move(verdict.error()));
  }
  wish.lines = inventory::merge_lines(std::move(wish.lines));
  return wish;
}

// One line a product with the units that were not refunded yet.
std::vector<StockLine> refundable(const Order& order) {
  auto lines = stock_lines(order);
  for (auto& line : lines) line.quantity -= refunded_units(order, line.product);
  std::erase_if(lines, [](const StockLine& line) { return line.quantity <= 0; });
  return lines;
}

base::Money unit_price(const Order& order, const base::ProductId& product) {
  for (const auto& line : order.lines) {
    if (line.product == product) return line.price;
  }
  OW_ASSERT(false, "a refunded product is in the order");
  return {};
}

base::Result<void> check_lines(const std::vector<StockLine>& wished, const std::vector<StockLine>& left) {
  Violations violations;
  for (const auto& line : wished) {
    std::int64_t units = 0;
    for (const auto& one : left) units += one.product == line.product ? one.quantity : 0;
    if (line.quantity > units) {
      violations.add(fmt::format("lines: only {} of {} are left to refund", units, line.product.text));
    }
  }
  return violations.verdict("refund_refused", "The refund is more than what is left of the order.");
}

base::Result<void> check_state(const Order& order) {
  if (order.status != Status::completed) {
    return base::fail(ErrorCode::conflict, "order_not_completed",
                      "Only completed orders are refunded; cancel it instead.");
  }
  if (order.refunds.size() >= kRefundsPerOrderMax) {
    return base::fail(ErrorCode::conflict, "too_many_refunds", "This order was refunded in too many parts.");
  }
  if (refundable(order).empty()) {
    return base::fail(ErrorCode::conflict, "nothing_to_refund", "Everything of this order was refunded already.");
  }
  return {};
}

Refund new_refund(Desk desk, const http::RequestContext& context, const Order& order, RefundWish wish) {
  Refund refund;
  refund.id = desk.ports.ids.next("ref");
  refund.amount.currency = order.total.currency;
  for (const auto& line : wish.lines) refund.amount = refund.amount + unit_price(order, line.product) * line.quantity;
  refund.lines = std::move(wish.lines);
  refund.restock = wish.restock;
  refund.by = context.principal->user;
  refund.reason = std::move(wish.reason);
  return refund;
}

// Its subject is the refund: an order's own events tell what became of it, not what was asked for.
platform::EventDraft asked_for(Desk desk, const http::RequestContext& context, const Order& order,
                               const Refund& refund) {
  return ops::operator_event(ops::operator_of(context), desk.ports.clock.now(),
                             {"operator.refund-requested", refund.id, refund.reason,
                              Json::object({{"orderId", order.id.text}, {"amount", money_json(refund.amount)}})});
}

}  // namespace

Answer refund_request(Desk desk, const http::RequestContext& context) {
  auto wish = parse_wish(context.body);
  if (!wish) co_return base::fail(wish.error());
  auto order = co_await visible_order(desk, context);
  if (!order) co_return base::fail(order.error());
  if (const auto state = check_state(*order); !state) co_return base::fail(state.error());
  if (wish->lines.empty()) wish->lines = refundable(*order);
  if (const auto fits = check_lines(wish->lines, refundable(*order)); !fits) co_return base::fail(fits.error());
  auto refund = new_refund(desk, context, *order, std::move(*wish));
  const auto now = desk.ports.clock.now();
  http::Reply reply{http::Response::json(202, Json::object({{"orderId", order->id.text},
                                                            {"refundId", refund.id},
                                                            {"status", refund_text(refund.state)},
                                                            {"amount", money_json(refund.amount)},
                                                            {"currency", refund.amount.currency.text()}}))};
  reply.commit = desk.workflows.start(base::ExecutionId(refund.id), kRefundOrder,
                                      Json::object({{"orderId", order->id.text}, {"refundId", refund.id}}), now,
                                      platform::carry_trace(context.trace.traceparent(), context.trace.tracestate));
  reply.commit.event(asked_for(desk, context, *order, refund));
  order->refunds.push_back(std::move(refund));
  reply.commit.merge(put_order(std::move(*order), now));
  co_return reply;
}

}  // namespace ow::orders
