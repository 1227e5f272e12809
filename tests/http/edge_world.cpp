// See edge_world.h.
#include "http/edge_world.h"

#include <gtest/gtest.h>

namespace ow::http {
namespace {

base::Task<base::Result<Reply>> at_once(base::Result<Reply> reply) { co_return reply; }

}  // namespace

// "orders.read~3": the key's scope with a full stop, as tokens have no colon, and its rate.
static Principal key_principal(const std::string& text) {
  const auto rate = text.find('~');
  auto scope = text.substr(0, rate);
  std::replace(scope.begin(), scope.end(), '.', ':');
  Principal principal{base::UserId("key_1"), {}, KeyGrant{{scope}, {}, {}}};
  if (rate != std::string::npos) principal.key->rate = std::stoi(text.substr(rate + 1));
  return principal;
}

base::Task<base::Result<Principal>> TestAuthenticator::authenticate(std::string token) {
  if (token == "expired") {
    co_return base::fail(base::ErrorCode::unauthenticated, "token_expired", "The token \"expired\".");
  }
  if (token.starts_with("key~")) co_return key_principal(token.substr(4));
  const auto dot = token.find('.');
  Principal principal{base::UserId(token.substr(0, dot)), {"shopper"}};
  if (dot != std::string::npos) principal.roles.push_back(token.substr(dot + 1));
  co_return principal;
}

Route& EdgeWorld::route(std::string method, std::string pattern, Access access,
                        std::function<base::Result<Reply>(const RequestContext&)> handle) {
  Route route;
  route.method = std::move(method);
  route.pattern = std::move(pattern);
  route.access = access;
  route.summary = "test";
  route.handle = [handle = std::move(handle)](const RequestContext& context) { return at_once(handle(context)); };
  return routes.emplace_back(std::move(route));
}

Api& EdgeWorld::api() {
  if (!api_) {
    api_ = std::make_unique<Api>(ApiPorts{store, clock, random, telemetry, authenticator}, routes, options);
  }
  return *api_;
}

std::unique_ptr<Running<Response>> EdgeWorld::start(const Ask& ask) {
  return std::make_unique<Running<Response>>(api().handle(ask.request));
}

Response EdgeWorld::send(const Ask& ask) {
  const auto running = start(ask);
  if (!running->answer) ADD_FAILURE() << ask.request.target << " was not answered";
  return running->answer.value_or(Response{});
}

std::optional<std::string> header(const Response& response, std::string_view name) {
  for (const auto& [known, value] : response.headers) {
    if (known == name) return value;
  }
  return std::nullopt;
}

base::Json body_of(const Response& response) {
  auto json = base::parse_json(response.body);
  if (!json) ADD_FAILURE() << response.body;
  return json.value_or(base::Json());
}

}  // namespace ow::http
