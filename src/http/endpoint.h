// A route made ready for requests: its schemas compiled, its metrics' handles at hand. Loop thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "http/body_schema.h"
#include "http/router.h"
#include "platform/telemetry.h"

namespace ow::http {

/// `ow_http_requests_total{route,status}` and `ow_http_request_seconds{route}` of one route.
class RouteMetrics {
 public:
  RouteMetrics(platform::Telemetry& telemetry, std::string route);
  void answered(int status, base::Duration took);
  const std::string& route() const { return route_; }

 private:
  platform::Telemetry& telemetry_;
  std::string route_;
  platform::HistogramMetric& seconds_;
  std::vector<std::pair<int, platform::CounterMetric*>> by_status_;
};

class Endpoint {
 public:
  Endpoint(const Route& route, platform::Telemetry& telemetry);

  const Route& route() const { return route_; }
  RouteMetrics& metrics() { return metrics_; }
  /// Whether an Idempotency-Key means something here.
  bool takes_idempotency_key() const { return takes_idempotency_key_; }
  bool takes_body() const { return body_.has_value(); }

  std::map<std::string, std::string> parameters(std::vector<std::string> values) const;
  /// Error malformed with a violation for each parameter at fault.
  base::Result<std::map<std::string, std::string>> read_query(std::string_view text) const;
  /// Error malformed: not JSON, or with a violation for each member at fault. No text at all stands for an
  /// object without members where that would do.
  base::Result<base::Json> read_body(std::string_view text) const;

 private:
  const Route& route_;
  RouteMetrics metrics_;
  std::vector<std::string> parameter_names_;
  std::vector<BodySchema> query_schemas_;  // as route.query
  std::optional<BodySchema> body_;
  bool takes_idempotency_key_;
};

}  // namespace ow::http
