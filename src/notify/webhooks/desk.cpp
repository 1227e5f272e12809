// See desk.h.
#include "notify/webhooks/desk.h"

#include "http/listing.h"
#include "ops/operator_action.h"

namespace ow::notify::webhooks {

using base::ErrorCode;
using base::Json;

http::Reply json_reply(int status, const Json& json) { return {http::Response::json(status, json)}; }

http::Reply page_reply(Json::Array items, const std::string& next_cursor) {
  return json_reply(200, http::page_json(std::move(items), next_cursor));
}

base::Task<base::Result<Endpoint>> endpoint_of(const Desk& desk, const http::RequestContext& context) {
  const auto id = context.params.at("id");
  auto endpoint = co_await find_endpoint(desk.ports.store, id);
  if (!endpoint) co_return base::fail(std::move(endpoint.error()));
  const bool seen = *endpoint && (http::is_operator(context) || (*endpoint)->owner == context.principal->user);
  if (!seen) co_return base::fail(ErrorCode::not_found, "webhook_not_found", "There is no webhook " + id + ".");
  co_return std::move(**endpoint);
}

void tell(const Desk& desk, const http::RequestContext& context, platform::Commit& commit, const std::string& type,
          const Endpoint& endpoint, Json details) {
  if (!http::is_operator(context)) return;
  details.set("url", endpoint.url);
  ops::OperatorAction action{.type = std::string(ops::kOperatorPrefix) + type, .subject = endpoint.id};
  action.details = std::move(details);
  commit.event(ops::operator_event(ops::operator_of(context), desk.ports.clock.now(), std::move(action)));
}

}  // namespace ow::notify::webhooks
