// See endpoint_request.h.
#include "notify/webhooks/endpoint_request.h"

#include <algorithm>

#include <fmt/format.h>

#include "http/schema_text.h"
#include "notify/webhook_url.h"
#include "notify/webhooks/bounds.h"

namespace ow::notify::webhooks {
namespace {

using base::Json;
using http::closed_object;
using http::nullable;
using http::typed;
using Violations = std::vector<std::string>;

Json described(Json schema, const char* description) { return schema.set("description", description); }

Json members_schema() {
  auto types = Json::object({{"type", "array"}, {"items", typed("string")}});
  return Json::object(
      {{"url", described(typed("string"), "https; http only for addresses that the configuration allows")},
       {"description", typed("string")},
       {"types", described(std::move(types), "Event types; none and no pattern: everything")},
       {"pattern", described(Json::object({{"type", Json::array({"object", "null"})}, {"additionalProperties", true}}),
                             "An EventBridge pattern instead of types")},
       {"rateLimit", described(nullable("integer"), "Deliveries per second; null: no limit")}});
}

std::size_t characters_of(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

void take_url(const Json& body, Endpoint& endpoint, Violations& out) {
  const auto text = body.string_at("url");
  if (!text) return;
  const auto url = parse_webhook_url(*text);
  if (!url) return out.push_back("url: " + url.error().message);
  endpoint.url = to_text(*url);
}

void take_types(const Json& body, Endpoint& endpoint, Violations& out) {
  const auto* types = body.find("types");
  if (types == nullptr) return;
  if (types->as_array().size() > kTypesMax) out.push_back(fmt::format("types must have at most {} items", kTypesMax));
  endpoint.types.clear();
  for (const auto& type : types->as_array()) {
    const auto& text = type.as_string();
    if (text.empty() || text.size() > kTypeBytesMax) {
      out.push_back(fmt::format("types must hold texts of 1 to {} bytes", kTypeBytesMax));
    }
    endpoint.types.push_back(text);
  }
}

void take_pattern(const Json& body, Endpoint& endpoint, Violations& out) {
  const auto* pattern = body.find("pattern");
  if (pattern == nullptr) return;
  endpoint.pattern = pattern->is_null() ? "" : base::to_text(*pattern);
  if (endpoint.pattern.empty()) return;
  if (endpoint.pattern.size() > kPatternBytesMax) {
    out.push_back(fmt::format("pattern must have at most {} bytes", kPatternBytesMax));
  }
  const auto compiled = rules::Pattern::compile(*pattern);
  if (!compiled) out.push_back("pattern: " + compiled.error().message);
}

void take_rate_limit(const Json& body, Endpoint& endpoint, Violations& out) {
  const auto* limit = body.find("rateLimit");
  if (limit == nullptr) return;
  endpoint.rate_limit.reset();
  if (limit->is_null()) return;
  const auto number = limit->as_number().integer();
  if (!number || *number < 1 || *number > kRateLimitMax) {
    return out.push_back(fmt::format("rateLimit must be from 1 to {}", kRateLimitMax));
  }
  endpoint.rate_limit = static_cast<int>(*number);
}

}  // namespace

base::Result<void> take_members(const Json& body, Endpoint& endpoint) {
  Violations violations;
  take_url(body, endpoint, violations);
  if (const auto description = body.string_at("description")) endpoint.description = *description;
  if (characters_of(endpoint.description) > kDescriptionCharsMax) {
    violations.push_back(fmt::format("description must have at most {} characters", kDescriptionCharsMax));
  }
  take_types(body, endpoint, violations);
  take_pattern(body, endpoint, violations);
  take_rate_limit(body, endpoint, violations);
  if (!endpoint.types.empty() && !endpoint.pattern.empty()) {
    violations.emplace_back("types and pattern must not be given both");
  }
  if (violations.empty()) return {};
  return base::fail(
      {base::ErrorCode::unprocessable, "invalid_webhook", "The webhook is not valid.", std::move(violations)});
}

Json new_endpoint_schema() {
  auto members = members_schema();
  members.set("scope", Json::object({{"type", "string"},
                                     {"enum", Json::array({"own", "all"})},
                                     {"description", "Operators: all events (default) or only one's own"}}));
  auto schema = closed_object(std::move(members));
  schema.set("required", Json::array({"url"}));
  return schema;
}

Json changed_endpoint_schema() { return closed_object(members_schema()); }

Json endpoint_schema() {
  auto members = members_schema();
  for (const auto* name : {"id", "owner", "scope", "status", "reason", "createdAt", "updatedAt"}) {
    members.set(name, typed("string"));
  }
  return Json::object({{"type", "object"}, {"properties", std::move(members)}});
}

}  // namespace ow::notify::webhooks
