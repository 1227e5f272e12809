// See desk.h.
#include "notify/webhooks/desk.h"

#include <charconv>

#include <fmt/format.h>

#include "base/bounds.h"
#include "ops/operator_action.h"

namespace ow::notify::webhooks {

using base::ErrorCode;
using base::Json;

bool is_operator(const http::RequestContext& context) {
  return context.principal && (context.principal->has("operator") || context.principal->has("admin"));
}

std::string query_text(const http::RequestContext& context, const std::string& name) {
  const auto found = context.query.find(name);
  return found == context.query.end() ? std::string() : found->second;
}

base::Result<std::size_t> page_limit(const http::RequestContext& context) {
  constexpr auto kMax = base::bounds::kListItemsMax;
  const auto text = query_text(context, "limit");
  if (text.empty()) return kMax;
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error == std::errc() && end == text.data() + text.size() && limit >= 1 && limit <= kMax) return limit;
  return base::fail({ErrorCode::malformed,
                     "bad_limit",
                     "The query is not valid.",
                     {fmt::format("limit must be an integer from 1 to {}", kMax)}});
}

http::Reply json_reply(int status, const Json& json) { return {http::Response::json(status, json)}; }

http::Reply page_reply(Json::Array items, const std::string& next_cursor) {
  return json_reply(200, Json::object({{"items", std::move(items)},
                                       {"nextCursor", next_cursor.empty() ? Json() : Json(next_cursor)}}));
}

base::Task<base::Result<Endpoint>> endpoint_of(const Desk& desk, const http::RequestContext& context) {
  const auto id = context.params.at("id");
  auto endpoint = co_await find_endpoint(desk.ports.store, id);
  if (!endpoint) co_return base::fail(std::move(endpoint.error()));
  const bool seen = *endpoint && (is_operator(context) || (*endpoint)->owner == context.principal->user);
  if (!seen) co_return base::fail(ErrorCode::not_found, "webhook_not_found", "There is no webhook " + id + ".");
  co_return std::move(**endpoint);
}

void tell(const Desk& desk, const http::RequestContext& context, platform::Commit& commit, const std::string& type,
          const Endpoint& endpoint, Json details) {
  if (!is_operator(context)) return;
  details.set("url", endpoint.url);
  ops::OperatorAction action{.type = std::string(ops::kOperatorPrefix) + type, .subject = endpoint.id};
  action.details = std::move(details);
  commit.event(ops::operator_event(ops::operator_of(context), desk.ports.clock.now(), std::move(action)));
}

}  // namespace ow::notify::webhooks
