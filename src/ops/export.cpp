// See export.h.
#include "ops/export.h"

#include "http/listing.h"
#include "http/schema_text.h"
#include "ops/record_kinds.h"

namespace ow::ops {
namespace {

using base::ErrorCode;
using base::Json;
using http::typed;
using Holds = RecordKind::Holds;
using Answer = base::Task<base::Result<http::Reply>>;

Json withheld(const char* what) { return Json::object({{"withheld", what}}); }

void withhold(platform::StoredThing& thing, bool personal) {
  if (thing.kind != "record") return;
  const auto holds = holds_of(thing.record_kind);
  if (holds == Holds::secret) thing.json.set("value", withheld("secret"));
  if (holds == Holds::personal && !personal) thing.json.set("value", withheld("personal data"));
}

Answer answer_page(platform::Retention* retention, const http::RequestContext& context) {
  if (retention == nullptr) {
    co_return base::fail(ErrorCode::unsupported, "export_unsupported", "This engine cannot list everything it holds.");
  }
  const bool personal = http::query_text(context, "personal") == "true";
  if (personal && !context.principal->has("admin")) {
    co_return base::fail(ErrorCode::forbidden, "admins_only", "Only admins may export personal data.");
  }
  const auto limit = http::page_limit(context, kExportPageMax);
  if (!limit) co_return base::fail(limit.error());
  auto page = co_await export_page(*retention, http::query_text(context, "cursor"), *limit, personal);
  if (!page) co_return base::fail(page.error());
  Json::Array items(std::make_move_iterator(page->lines.begin()), std::make_move_iterator(page->lines.end()));
  const auto next = page->next_cursor.empty() ? Json() : Json(page->next_cursor);
  co_return http::Reply{http::Response::json(200, Json::object({{"items", std::move(items)}, {"nextCursor", next}}))};
}

}  // namespace

base::Task<base::Result<ExportPage>> export_page(platform::Retention& retention, std::string cursor, std::size_t limit,
                                                 bool personal) {
  auto found = co_await retention.browse(std::move(cursor), limit);
  if (!found) co_return base::fail(found.error());
  ExportPage page{{}, std::move(found->next_cursor)};
  for (auto& thing : found->things) {
    if (thing.expired) continue;
    withhold(thing, personal);
    page.lines.push_back(std::move(thing.json));
  }
  co_return page;
}

http::Routes export_routes(platform::Retention* retention) {
  http::Routes routes;
  const auto list = Json::object(
      {{"type", "object"},
       {"properties", Json::object({{"items", Json::object({{"type", "array"}, {"items", typed("object")}})},
                                    {"nextCursor", Json::object({{"type", Json::array({"string", "null"})}})}})}});
  routes.push_back(
      {.method = "GET",
       .pattern = "/api/export",
       .access = http::Access::operators,
       .summary = "Everything the store holds; pages are no snapshot",
       .handle = [retention](const http::RequestContext& context) { return answer_page(retention, context); },
       .query = {{"cursor", "nextCursor of the page before", typed("string")},
                 {"limit", "Stored pairs a page, at most 1000", typed("integer")},
                 {"personal", "true: with personal data (admins)", typed("boolean")}},
       .answers = {{200, list}}});
  return routes;
}

}  // namespace ow::ops
