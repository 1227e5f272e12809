// See openapi.h.
#include "http/openapi.h"

#include <algorithm>

#include "base/bounds.h"
#include "http/body_schema.h"
#include "http/problem.h"
#include "http/route_table.h"

namespace ow::http {
namespace {

using base::Json;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

// "POST /api/orders/{id}/cancel" -> "post_api_orders_id_cancel"
std::string operation_id(const Route& route) {
  std::string id = lower(route.method);
  for (const char c : route.pattern) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (word) {
      id += c;
    } else if (id.back() != '_') {
      id += '_';
    }
  }
  if (id.back() == '_') id.pop_back();
  return id;
}

// The edge refuses members that a body's schema does not list; the document says so in the schema's terms.
Json closed(const Json& schema) {
  if (!schema.is_object()) return schema;
  Json out = schema;
  if (Json* properties = out.find("properties"); properties != nullptr && properties->is_object()) {
    for (auto& [name, member] : properties->as_object()) member = closed(member);
  }
  if (Json* items = out.find("items")) *items = closed(*items);
  if (out.string_at("type") == "object" && out.find("additionalProperties") == nullptr) {
    out.set("additionalProperties", false);
  }
  return out;
}

Json parameter(std::string_view name, std::string_view in, std::string_view description, bool required, Json schema) {
  Json out = Json::object({{"name", name}, {"in", in}, {"required", required}});
  if (!description.empty()) out.set("description", description);
  out.set("schema", schema.is_null() ? Json::object({{"type", "string"}}) : std::move(schema));
  return out;
}

Json idempotency_parameter() {
  return parameter(
      "Idempotency-Key", "header",
      "Makes the request safe to repeat: the first answer is replayed for at least 24 hours.", false,
      Json::object(
          {{"type", "string"}, {"minLength", 1}, {"maxLength", std::uint64_t{base::bounds::kIdempotencyKeyCharsMax}}}));
}

Json parameters(const Route& route) {
  Json list = Json::array();
  for (const auto& name : RouteTable::parameter_names(route.pattern)) {
    list.push_back(parameter(name, "path", {}, true, nullptr));
  }
  for (const Parameter& query : route.query) {
    list.push_back(parameter(query.name, "query", query.description, query.required, query.schema));
  }
  if (takes_idempotency_key(route)) list.push_back(idempotency_parameter());
  return list;
}

Json json_content(Json schema) {
  return Json::object({{"application/json", Json::object({{"schema", std::move(schema)}})}});
}

Json answers(const Route& route) {
  Json out = Json::object();
  for (const auto& [status, schema] : route.answers) {
    Json answer = Json::object({{"description", status_phrase(status)}});
    if (!schema.is_null()) answer.set("content", json_content(schema));
    out.set(std::to_string(status), std::move(answer));
  }
  out.set("default", Json::object({{"$ref", "#/components/responses/Problem"}}));
  return out;
}

// Any one of these suffices.
Json security(const Route& route) {
  Json needed = Json::array();
  if (route.access == Access::open && route.scope.empty()) return needed;
  if (route.access == Access::open || route.access == Access::loopback_or_operators) {
    needed.push_back(Json::object());
  }
  if (route.access != Access::open) needed.push_back(Json::object({{"bearer", Json::array()}}));
  if (!route.scope.empty()) needed.push_back(Json::object({{"apiKey", Json::array({route.scope})}}));
  return needed;
}

Json operation(const Route& route) {
  Json out = Json::object({{"operationId", operation_id(route)}, {"summary", route.summary}});
  out.set("parameters", parameters(route));
  if (!route.body_schema.is_null()) {
    const bool required = !BodySchema(route.body_schema).accepts_empty_object();
    out.set("requestBody",
            Json::object({{"required", required}, {"content", json_content(closed(route.body_schema))}}));
  }
  out.set("responses", answers(route));
  out.set("security", security(route));
  return out;
}

Json problem_schema() {
  const Json text = Json::object({{"type", "string"}});
  const Json status = Json::object({{"type", "integer"}, {"minimum", 400}, {"maximum", 599}});
  Json violations = Json::object({{"type", "array"}, {"items", text}});
  violations.set("description", "One sentence per member at fault, each naming it.");
  return Json::object(
      {{"type", "object"},
       {"required", Json::array({"type", "title", "status", "detail", "error", "message", "requestId"})},
       {"properties", Json::object({{"type", text},
                                    {"title", text},
                                    {"status", status},
                                    {"detail", text},
                                    {"error", text},
                                    {"message", text},
                                    {"requestId", text},
                                    {"violations", std::move(violations)}})}});
}

Json components() {
  const Json content =
      Json::object({{"application/problem+json",
                     Json::object({{"schema", Json::object({{"$ref", "#/components/schemas/Problem"}})}})}});
  const Json problem = Json::object({{"description", "Problem details (RFC 9457)."}, {"content", content}});
  const Json bearer = Json::object({{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}});
  const Json key = Json::object({{"type", "http"},
                                 {"scheme", "bearer"},
                                 {"bearerFormat", "ow_..."},
                                 {"description", "An API key; a route lists the scope that suffices."}});
  return Json::object({{"schemas", Json::object({{"Problem", problem_schema()}})},
                       {"responses", Json::object({{"Problem", problem}})},
                       {"securitySchemes", Json::object({{"bearer", bearer}, {"apiKey", key}})}});
}

}  // namespace

bool takes_idempotency_key(const Route& route) {
  const bool reads = route.method == "GET" || route.method == "HEAD" || route.method == "OPTIONS";
  return !reads && !route.answers_secret &&
         (route.access == Access::signed_in || route.access == Access::operators || route.access == Access::admins);
}

base::Json openapi_document(const Routes& routes, const OpenApiInfo& info) {
  Json paths = Json::object();
  for (const Route& route : routes) {
    if (paths.find(route.pattern) == nullptr) paths.set(route.pattern, Json::object());
    paths.find(route.pattern)->set(lower(route.method), operation(route));
  }
  return Json::object({{"openapi", "3.1.0"},
                       {"info", Json::object({{"title", "Orderwright"}, {"version", info.version}})},
                       {"servers", Json::array({Json::object({{"url", info.server_url}})})},
                       {"paths", std::move(paths)},
                       {"components", components()}});
}

}  // namespace ow::http
