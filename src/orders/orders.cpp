// The feature's tables: tasks, definitions, routes. See orders.h.
#include "orders/orders.h"

#include "http/handler.h"
#include "http/schema_text.h"
#include "orders/desk.h"
#include "orders/order_request.h"
#include "orders/saga.h"

namespace ow::orders {
namespace {

using base::Json;
using http::Access;
using http::closed_object;
using http::handler;
using http::list_of;
using http::Parameter;
using http::RequestContext;
using http::typed;

using TaskFunction = TaskAnswer (*)(SagaPorts ports, workflow::TaskInput input);
workflow::TaskSpec task(SagaPorts ports, TaskFunction run, bool calls_outside = false) {
  return {[ports, run](workflow::TaskInput input) { return run(ports, std::move(input)); }, calls_outside};
}

Json refund_schema() {
  auto line = closed_object(Json::object({{"productId", typed("string")}, {"quantity", typed("integer")}}));
  line.set("required", Json::array({"productId", "quantity"}));
  return closed_object(Json::object({{"lines", Json::object({{"type", "array"}, {"items", line}})},
                                     {"restock", typed("boolean")},
                                     {"reason", typed("string")}}));
}

Json event_page_schema() {
  return http::open_object(Json::object({{"items", http::array_of(event_schema())},
                                         {"nextCursor", http::nullable("string")},
                                         {"olderCursor", http::nullable("string")}}));
}

Json waiver_schema() {
  auto schema = closed_object(Json::object({{"reason", typed("string")}}));
  schema.set("required", Json::array({"reason"}));
  return schema;
}

const Parameter kLimit{"limit", "Items a page, at most 50", typed("integer")};
const Parameter kCursor{"cursor", "nextCursor of the page before", typed("string")};

std::vector<Parameter> order_filters() {
  return {kLimit,
          kCursor,
          {"status", "Only orders of this status", typed("string")},
          {"from", "Accepted at or after this time (RFC 3339)", typed("string")},
          {"to", "Accepted before this time (RFC 3339)", typed("string")},
          {"customer", "Operators: only orders of this user id", typed("string")}};
}

void add_order_routes(Desk desk, http::Routes& all) {
  all.push_back({"POST",
                 "/api/orders",
                 Access::signed_in,
                 "Places an order",
                 handler(desk, accept_order),
                 {},
                 order_request_schema(),
                 {{201, order_schema()}},
                 "orders:write"});
  all.push_back({"GET",
                 "/api/orders",
                 Access::signed_in,
                 "Orders, newest first",
                 handler(desk, list_orders),
                 order_filters(),
                 {},
                 {{200, list_of(order_schema())}},
                 "orders:read"});
  all.push_back({"GET",
                 "/api/orders/{id}",
                 Access::signed_in,
                 "One order with its events",
                 handler(desk, show_order),
                 {},
                 {},
                 {{200, shown_order_schema()}},
                 "orders:read"});
  all.push_back({"POST",
                 "/api/orders/{id}/cancel",
                 Access::signed_in,
                 "Asks to cancel an order that is not final",
                 handler(desk, cancel_request),
                 {},
                 {},
                 {{202, order_schema()}},
                 "orders:write"});
  all.push_back({"POST",
                 "/api/orders/{id}/refund",
                 Access::operators,
                 "Refunds a completed order, all or by lines",
                 handler(desk, refund_request),
                 {},
                 refund_schema(),
                 {{202, typed("object")}},
                 "orders:refund"});
}

void add_obligation_routes(Desk desk, http::Routes& all) {
  all.push_back({"GET",
                 "/api/obligations",
                 Access::operators,
                 "Money that is owed",
                 handler(desk, list_obligations),
                 {kLimit, kCursor, {"status", "open (default), settled or waived", typed("string")}},
                 {},
                 {{200, list_of(typed("object"))}},
                 "obligations:read"});
  all.push_back({"GET",
                 "/api/obligations/totals",
                 Access::operators,
                 "What became owed on each day, and what of it is open, settled or waived",
                 handler(desk, total_obligations),
                 {{"days", "How many days back, at most 92 (default 30)",
                   Json::object({{"type", "integer"}, {"minimum", 1}, {"maximum", 92}})}},
                 {},
                 {{200, list_of(typed("object"))}},
                 "obligations:read"});
  all.push_back({"POST",
                 "/api/obligations/{id}/retry",
                 Access::operators,
                 "Tries to settle an obligation now",
                 handler(desk, retry_obligation),
                 {},
                 {},
                 {{202, typed("object")}},
                 "obligations:operate"});
  all.push_back({"POST",
                 "/api/obligations/{id}/waive",
                 Access::operators,
                 "Gives an obligation up, with a reason",
                 handler(desk, waive_obligation),
                 {},
                 waiver_schema(),
                 {{200, typed("object")}},
                 "obligations:operate"});
}

}  // namespace

workflow::TaskRegistry tasks(OrderPorts ports) {
  const SagaPorts saga{ports.gateway, ports.clock};
  return {{"orders:validate", task(saga, validate)},
          {"orders:reserve", task(saga, reserve)},
          {"orders:charge", task(saga, charge, true)},
          {"orders:confirm", task(saga, confirm)},
          {"orders:void_charge", task(saga, void_charge, true)},
          {"orders:undo_charge", task(saga, undo_charge, true)},
          {"orders:owe", task(saga, owe)},
          {"orders:release", task(saga, release)},
          {"orders:fail", task(saga, fail_order)},
          {"orders:cancel", task(saga, cancel_order)},
          {"orders:settle", task(saga, settle, true)},
          {"orders:refund", task(saga, refund, true)},
          {"orders:owe_refund", task(saga, owe_refund)},
          {"orders:refund_owed", task(saga, refund_owed, true)},
          {"orders:return_lost_charge", task(saga, return_lost_charge, true)}};
}

base::Result<void> define_workflows(workflow::Workflows& workflows) {
  auto defined = workflows.define(std::string(kPlaceOrder), place_order_definition());
  if (!defined) return defined;
  defined = workflows.define(std::string(kRefundOrder), refund_order_definition());
  if (!defined) return defined;
  return workflows.define(std::string(kReturnLostCharge), return_lost_charge_definition());
}

http::Routes routes(OrderPorts ports, workflow::Workflows& workflows) {
  const Desk desk{ports, workflows, std::make_shared<inventory::Catalogue>(ports.store)};
  http::Routes all;
  add_order_routes(desk, all);
  add_obligation_routes(desk, all);
  all.push_back({"GET",
                 "/api/events",
                 Access::signed_in,
                 "Events, newest first page by page, or followed forward",
                 handler(desk, list_events),
                 {{"limit", "Events a page, at most 100", typed("integer")},
                  {"after", "Follows the log behind this nextCursor", typed("string")},
                  {"before", "Goes on further back, from this olderCursor", typed("string")}},
                 {},
                 {{200, event_page_schema()}},
                 "events:read"});
  return all;
}

}  // namespace ow::orders
