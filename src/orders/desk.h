// Where requests about orders are taken: the handlers behind the routes. Each reads, decides and returns its
// answer with the Commit that makes it true. Loop thread.
#pragma once

#include "http/router.h"
#include "inventory/catalogue.h"
#include "orders/order.h"
#include "orders/orders.h"

namespace ow::orders {

struct Desk {
  OrderPorts ports;
  workflow::Workflows& workflows;
  std::shared_ptr<inventory::Catalogue> catalogue;
};

using Answer = base::Task<base::Result<http::Reply>>;

Answer accept_order(Desk desk, const http::RequestContext& context);
Answer list_orders(Desk desk, const http::RequestContext& context);
Answer show_order(Desk desk, const http::RequestContext& context);
Answer cancel_request(Desk desk, const http::RequestContext& context);
Answer refund_request(Desk desk, const http::RequestContext& context);

Answer list_events(Desk desk, const http::RequestContext& context);

Answer list_obligations(Desk desk, const http::RequestContext& context);
Answer total_obligations(Desk desk, const http::RequestContext& context);
Answer retry_obligation(Desk desk, const http::RequestContext& context);
Answer waive_obligation(Desk desk, const http::RequestContext& context);

/// The order of {id} in the path. Errors: not_found, forbidden for another caller's order.
base::Task<base::Result<Order>> visible_order(Desk desk, const http::RequestContext& context);

/// The execution of place_order that carries this order.
base::ExecutionId execution_of(const base::OrderId& order);

/// The order as clients see it, without events and personal data.
base::Json order_json(const Order& order);

/// Schemas of answers, for OpenAPI.
base::Json order_schema();
base::Json shown_order_schema();
base::Json event_schema();

}  // namespace ow::orders
