// GET /api/orders/{id}, and what other answers share with it. See desk.h.
#include <fmt/core.h>

#include "http/listing.h"
#include "http/schema_text.h"
#include "orders/contact.h"
#include "orders/desk.h"
#include "orders/order_events.h"

namespace ow::orders {
namespace {

using base::ErrorCode;
using base::Json;
using http::typed;

// More than any order's life has: five forward, and two for each refund.
constexpr std::size_t kEventsOfOrderMax = 1000;

Json shown_refund(const Refund& refund) {
  Json::Array lines;
  for (const auto& line : refund.lines) {
    lines.push_back(Json::object({{"productId", line.product.text}, {"quantity", line.quantity}}));
  }
  return Json::object({{"refundId", refund.id},
                       {"status", refund_text(refund.state)},
                       {"amount", money_json(refund.amount)},
                       {"lines", std::move(lines)},
                       {"restock", refund.restock}});
}

Json statuses_json(const std::vector<Status>& statuses) {
  Json::Array texts;
  for (const auto status : statuses) texts.push_back(status_text(status));
  return texts;
}

base::Task<base::Result<Json>> events_json(Desk desk, const Order& order) {
  const auto events = co_await desk.ports.event_log.by_subject(order.id.text, 0, kEventsOfOrderMax);
  if (!events) co_return base::fail(events.error());
  Json::Array list;
  for (const auto& event : *events) list.push_back(cloud_event(event, &order));
  co_return Json(std::move(list));
}

}  // namespace

base::ExecutionId execution_of(const base::OrderId& order) { return base::ExecutionId(order.text); }

Json order_json(const Order& order) {
  auto json = agreed_json(order);
  json.set("status", status_text(order.status));
  json.set("reason", order.reason.empty() ? Json() : Json(order.reason));
  json.set("updatedAt", base::to_rfc3339(order.updated));
  if (order.cancel) json.set("cancelRequested", true);
  if (order.refunds.empty()) return json;
  Json::Array refunds;
  for (const auto& refund : order.refunds) refunds.push_back(shown_refund(refund));
  json.set("refunds", std::move(refunds)).set("refundedTotal", money_json(refunded_total(order)));
  return json;
}

base::Task<base::Result<Order>> visible_order(Desk desk, const http::RequestContext& context) {
  const auto& id = context.params.at("id");
  const auto missing = [&] {
    return base::fail(ErrorCode::not_found, "order_not_found", fmt::format("There is no order {}.", id));
  };
  if (!platform::is_id(id, "ord")) co_return missing();
  auto order = co_await find_order(desk.ports.store, base::OrderId(id));
  if (!order) co_return base::fail(order.error());
  if (!*order) co_return missing();
  if (!http::is_operator(context) && (*order)->customer != context.principal->user) {
    co_return base::fail(ErrorCode::forbidden, "not_your_order", "This order belongs to somebody else.");
  }
  co_return std::move(**order);
}

Answer show_order(Desk desk, const http::RequestContext& context) {
  const auto order = co_await visible_order(desk, context);
  if (!order) co_return base::fail(order.error());
  const auto email = co_await find_email(desk.ports.store, order->id);
  if (!email) co_return base::fail(email.error());
  auto events = co_await events_json(desk, *order);
  if (!events) co_return base::fail(events.error());
  auto json = order_json(*order);
  json.set("customerEmail", email->empty() ? Json() : Json(*email));
  json.set("nextStatuses", statuses_json(next_statuses(order->status)));
  json.set("events", std::move(*events));
  co_return http::Reply{http::Response::json(200, json)};
}

Json order_schema() {
  const auto item = Json::object({{"type", "object"},
                                  {"properties", Json::object({{"productId", typed("string")},
                                                               {"name", typed("string")},
                                                               {"quantity", typed("integer")},
                                                               {"price", typed("number")}})}});
  return Json::object(
      {{"type", "object"},
       {"properties", Json::object({{"orderId", typed("string")},
                                    {"customer", typed("string")},
                                    {"status", typed("string")},
                                    {"reason", Json::object({{"type", Json::array({"string", "null"})}})},
                                    {"items", Json::object({{"type", "array"}, {"items", item}})},
                                    {"total", typed("number")},
                                    {"currency", typed("string")},
                                    {"createdAt", typed("string")},
                                    {"updatedAt", typed("string")},
                                    {"cancelRequested", typed("boolean")},
                                    {"refunds", typed("array")},
                                    {"refundedTotal", typed("number")}})}});
}

Json event_schema() {
  return Json::object({{"type", "object"},
                       {"properties", Json::object({{"specversion", typed("string")},
                                                    {"id", typed("string")},
                                                    {"source", typed("string")},
                                                    {"type", typed("string")},
                                                    {"subject", typed("string")},
                                                    {"time", typed("string")},
                                                    {"datacontenttype", typed("string")},
                                                    {"sequence", typed("string")},
                                                    {"traceparent", typed("string")},
                                                    {"data", typed("object")}})}});
}

Json shown_order_schema() {
  auto schema = order_schema();
  auto& properties = *schema.find("properties");
  properties.set("customerEmail", Json::object({{"type", Json::array({"string", "null"})}}));
  properties.set("nextStatuses", Json::object({{"type", "array"}, {"items", typed("string")}}));
  properties.set("events", Json::object({{"type", "array"}, {"items", event_schema()}}));
  return schema;
}

}  // namespace ow::orders
