// GET /api/restores and GET /api/restores/{id}. See reconciliation.h.
#include <fmt/core.h>

#include "base/bounds.h"
#include "http/listing.h"
#include "http/schema_text.h"
#include "orders/order_events.h"
#include "orders/reconciliation.h"

namespace ow::orders {
namespace {

using base::ErrorCode;
using base::Json;
using http::typed;

Json restoration_json(const Restoration& restoration) {
  auto json = Json::object({{"restoreId", restoration.id},
                            {"snapshotId", restoration.snapshot},
                            {"snapshotAt", base::to_rfc3339(restoration.made)},
                            {"restoredAt", base::to_rfc3339(restoration.restored)},
                            {"state", state_text(restoration.state)},
                            {"effectsCompared", restoration.effects},
                            {"lostCharges", restoration.lost_charges},
                            {"ordersCancelled", restoration.cancelled},
                            {"findings", restoration.findings}});
  if (!restoration.problem.empty()) json.set("problem", restoration.problem);
  return json;
}

Json finding_json(const RestoreFinding& finding) {
  return Json::object({{"orderId", finding.order.text},
                       {"what", finding.what},
                       {"amount", money_json(finding.amount)},
                       {"currency", finding.amount.currency.text()},
                       {"key", finding.key},
                       {"gatewayId", finding.gateway_id},
                       {"time", base::to_rfc3339(finding.time)}});
}

using RouteAnswer = base::Task<base::Result<http::Reply>>;

RouteAnswer list(platform::Store& store, const http::RequestContext& context) {
  const auto limit = http::page_limit(context, base::bounds::kListItemsMax);
  if (!limit) co_return base::fail(limit.error());
  const auto page = co_await list_restorations(store, *limit, http::query_text(context, "cursor"));
  if (!page) co_return base::fail(page.error());
  Json::Array items;
  for (const auto& one : page->restorations) items.push_back(restoration_json(one));
  co_return http::Reply{http::Response::json(200, http::page_json(std::move(items), page->next_cursor))};
}

RouteAnswer show(platform::Store& store, const http::RequestContext& context) {
  const auto& id = context.params.at("id");
  const auto limit = http::page_limit(context, base::bounds::kListItemsMax);
  if (!limit) co_return base::fail(limit.error());
  const auto restoration = co_await find_restoration(store, id);
  if (!restoration) co_return base::fail(restoration.error());
  if (!*restoration) {
    co_return base::fail(ErrorCode::not_found, "restore_not_found", fmt::format("There is no restore {}.", id));
  }
  const auto page = co_await list_findings(store, id, *limit, http::query_text(context, "cursor"));
  if (!page) co_return base::fail(page.error());
  Json::Array items;
  for (const auto& finding : page->findings) items.push_back(finding_json(finding));
  auto json = restoration_json(**restoration);
  json.set("items", std::move(items));
  json.set("nextCursor", page->next_cursor.empty() ? Json() : Json(page->next_cursor));
  co_return http::Reply{http::Response::json(200, json)};
}

Json restoration_schema(Json more) {
  auto properties =
      Json::object({{"restoreId", typed("string")},
                    {"snapshotId", typed("string")},
                    {"snapshotAt", typed("string")},
                    {"restoredAt", typed("string")},
                    {"state", Json::object({{"enum", Json::array({"comparing", "reconciled", "impossible"})}})},
                    {"effectsCompared", typed("integer")},
                    {"lostCharges", typed("integer")},
                    {"ordersCancelled", typed("integer")},
                    {"findings", typed("integer")},
                    {"problem", typed("string")}});
  for (const auto& [name, value] : more.as_object()) properties.set(name, value);
  return Json::object({{"type", "object"}, {"properties", std::move(properties)}});
}

Json page_members(Json item) {
  return Json::object({{"items", Json::object({{"type", "array"}, {"items", std::move(item)}})},
                       {"nextCursor", Json::object({{"type", Json::array({"string", "null"})}})}});
}

const std::vector<http::Parameter> kPaging = {{"limit", "Items a page, at most 50", typed("integer")},
                                              {"cursor", "nextCursor of the page before", typed("string")}};

}  // namespace

http::Routes restoration_routes(platform::Store& store) {
  http::Routes routes;
  routes.push_back(
      {.method = "GET",
       .pattern = "/api/restores",
       .access = http::Access::operators,
       .summary = "Restores from snapshots and how they compare with the payment gateway, newest first",
       .handle = [&store](const http::RequestContext& context) { return list(store, context); },
       .query = kPaging,
       .answers = {{200, Json::object({{"type", "object"},
                                       {"properties", page_members(restoration_schema(Json::object()))}})}}});
  routes.push_back({.method = "GET",
                    .pattern = "/api/restores/{id}",
                    .access = http::Access::operators,
                    .summary = "One restore with what people must look at",
                    .handle = [&store](const http::RequestContext& context) { return show(store, context); },
                    .query = kPaging,
                    .answers = {{200, restoration_schema(page_members(typed("object")))}}});
  return routes;
}

}  // namespace ow::orders
