// See order_events.h.
#include "orders/order_events.h"
#include "platform/trace_text.h"

namespace ow::orders {
namespace {

using base::Json;

constexpr auto kSource = "orderwright/orders";

Json told_line(const OrderLine& line) {
  return Json::object({{"productId", line.product.text},
                       {"name", line.name},
                       {"quantity", line.quantity},
                       {"price", money_json(line.price)}});
}

Json state_after(const platform::Event& event, const Order* order) {
  auto change = base::parse_json(event.data);
  OW_ASSERT(change && change->is_object(), "an event's data is a JSON object");
  if (order == nullptr) return std::move(*change);
  auto state = agreed_json(*order);
  for (auto& [name, value] : change->as_object()) state.set(name, std::move(value));
  state.set("updatedAt", base::to_rfc3339(event.time));
  return state;
}

}  // namespace

Json money_json(base::Money amount) { return base::JsonNumber{base::to_decimal(amount)}; }

platform::EventDraft order_event(const Order& order, std::string type, const Moment& moment, Json more) {
  auto data = Json::object({{"orderId", order.id.text}, {"status", status_text(order.status)}});
  for (auto& [name, value] : more.as_object()) data.set(name, std::move(value));
  return {order.id.text,       std::move(type), kSource,
          base::to_text(data), moment.now,      platform::traceparent_in(moment.traceparent)};
}

Json agreed_json(const Order& order) {
  Json::Array items;
  for (const auto& line : order.lines) items.push_back(told_line(line));
  return Json::object({{"orderId", order.id.text},
                       {"customer", order.customer.text},
                       {"items", std::move(items)},
                       {"total", money_json(order.total)},
                       {"currency", order.total.currency.text()},
                       {"createdAt", base::to_rfc3339(order.created)}});
}

Json cloud_event(const platform::Event& event, const Order* order) {
  auto json = Json::object({{"specversion", "1.0"},
                            {"id", event.id.text},
                            {"source", event.source},
                            {"type", event.type},
                            {"subject", event.subject},
                            {"time", base::to_rfc3339(event.time)},
                            {"datacontenttype", "application/json"},
                            {"sequence", std::to_string(event.number)}});
  if (!event.traceparent.empty()) json.set("traceparent", event.traceparent);
  json.set("data", state_after(event, order));
  return json;
}

}  // namespace ow::orders
