// POST /api/orders: the order, its first event and the start of its saga in one commit, which is conditioned
// on the catalogue's records as they were read: prices are frozen as they are at accept. See desk.h.
#include "base/bounds.h"
#include "orders/contact.h"
#include "orders/desk.h"
#include "orders/order_events.h"
#include "orders/order_request.h"
#include "platform/trace_text.h"

namespace ow::orders {
namespace {

using base::Json;
using Products = inventory::Catalogue::Found;

Order new_order(Desk desk, const http::RequestContext& context, PricedOrder priced, std::string payment_token) {
  Order order;
  order.id.text = desk.ports.ids.next("ord");
  order.customer = context.principal->user;
  order.lines = std::move(priced.lines);
  order.total = priced.total;
  order.created = desk.ports.clock.now();
  order.payment_token = std::move(payment_token);
  return order;
}

platform::Commit accept_commit(Desk desk, const Order& order, const Products& products, const std::string& email,
                               const std::string& traceparent) {
  auto commit = put_order(order, order.created);
  for (const auto& [id, product] : products) {
    commit.require(inventory::product_key(id), platform::Expect::at(product->version));
  }
  commit.merge(put_contact(order.id, email));
  commit.event(order_event(order, "order.created", {order.created, traceparent}));
  commit.merge(desk.workflows.start(execution_of(order.id), kPlaceOrder, Json::object({{"orderId", order.id.text}}),
                                    order.created, traceparent));
  return commit;
}

http::Response created(const Order& order) {
  auto response = http::Response::json(201, Json::object({{"orderId", order.id.text},
                                                          {"status", status_text(order.status)},
                                                          {"createdAt", base::to_rfc3339(order.created)}}));
  response.headers.emplace_back("Location", "/api/orders/" + order.id.text);
  return response;
}

}  // namespace

Answer accept_order(Desk desk, const http::RequestContext& context) {
  auto request = parse_order_request(context.body);
  if (!request) co_return base::fail(request.error());
  const auto products = co_await desk.catalogue->find(products_of(*request));
  if (!products) co_return base::fail(products.error());
  auto priced = price_order(*request, *products);
  if (!priced) co_return base::fail(priced.error());
  const auto order = new_order(desk, context, std::move(*priced), std::move(request->payment_token));
  http::Reply reply{created(order)};
  reply.commit = accept_commit(desk, order, *products, request->customer_email,
                               platform::carry_trace(context.trace.traceparent(), context.trace.tracestate));
  co_return reply;
}

}  // namespace ow::orders
