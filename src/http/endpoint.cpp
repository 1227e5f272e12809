// See endpoint.h.
#include "http/endpoint.h"

#include "base/bounds.h"
#include "http/openapi.h"
#include "http/route_table.h"
#include "http/target.h"

namespace ow::http {
namespace {

using base::ErrorCode;

base::Error at_fault(std::string reason, std::string message, std::vector<std::string> violations) {
  base::Error error{ErrorCode::malformed, std::move(reason), std::move(message)};
  error.violations = std::move(violations);
  return error;
}

}  // namespace

RouteMetrics::RouteMetrics(platform::Telemetry& telemetry, std::string route)
    : telemetry_(telemetry),
      route_(std::move(route)),
      seconds_(telemetry.histogram("ow_http_request_seconds", {{"route", route_}})) {}

void RouteMetrics::answered(int status, base::Duration took) {
  seconds_.observe(static_cast<double>(took.count()) / 1e6);
  for (const auto& [known, counter] : by_status_) {
    if (known == status) return counter->add();
  }
  auto& counter = telemetry_.counter("ow_http_requests_total", {{"route", route_}, {"status", std::to_string(status)}});
  by_status_.emplace_back(status, &counter);
  counter.add();
}

Endpoint::Endpoint(const Route& route, platform::Telemetry& telemetry)
    : route_(route),
      metrics_(telemetry, route.method + ' ' + route.pattern),
      parameter_names_(RouteTable::parameter_names(route.pattern)),
      takes_idempotency_key_(http::takes_idempotency_key(route)) {
  for (const Parameter& parameter : route.query) {
    query_schemas_.emplace_back(parameter.schema.is_null() ? base::Json::object() : parameter.schema);
  }
  if (!route.body_schema.is_null()) body_.emplace(route.body_schema);
}

std::map<std::string, std::string> Endpoint::parameters(std::vector<std::string> values) const {
  std::map<std::string, std::string> named;
  for (std::size_t i = 0; i < values.size(); ++i) named.emplace(parameter_names_[i], std::move(values[i]));
  return named;
}

base::Result<std::map<std::string, std::string>> Endpoint::read_query(std::string_view text) const {
  auto query = parse_query(text, route_.query);
  if (!query || query->empty()) return query;
  std::vector<std::string> violations;
  for (std::size_t i = 0; i < query_schemas_.size(); ++i) {
    const std::string& name = route_.query[i].name;
    if (const auto given = query->find(name); given != query->end()) {
      query_schemas_[i].check_text(given->second, name, violations);
    }
  }
  if (violations.empty()) return query;
  return base::fail(at_fault("invalid_query", "The query does not fit this route.", std::move(violations)));
}

base::Result<base::Json> Endpoint::read_body(std::string_view text) const {
  if (text.empty() && body_->accepts_empty_object()) return base::Json::object();
  if (text.empty()) return base::fail(ErrorCode::malformed, "body_missing", "This needs a JSON body.");
  auto body = base::parse_json(text, {base::bounds::kJsonDepthMax});
  if (!body) return base::fail(ErrorCode::malformed, "invalid_json", std::move(body.error().message));
  std::vector<std::string> violations;
  body_->check(*body, {}, violations);
  if (violations.empty()) return body;
  return base::fail(at_fault("invalid_body", "The body does not fit this route.", std::move(violations)));
}

}  // namespace ow::http
