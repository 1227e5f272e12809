// See cors.h.
#include "http/cors.h"

#include <algorithm>

namespace ow::http {

bool Cors::allows(std::string_view origin) const {
  return std::any_of(origins_.begin(), origins_.end(),
                     [&](const std::string& known) { return known == "*" || known == origin; });
}

void Cors::decorate(const Request& request, Response& response) const {
  if (origins_.empty()) return;
  response.headers.emplace_back("Vary", "Origin");
  const auto origin = request.header("origin");
  if (!origin || !allows(*origin)) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", *origin);
  response.headers.emplace_back("Access-Control-Expose-Headers", "X-Request-Id, Retry-After, Location");
}

Response Cors::options(const Request& request, std::string_view allow) const {
  Response response;
  response.status = 204;
  response.headers.emplace_back("Allow", allow);
  const auto origin = request.header("origin");
  if (!origin || !allows(*origin) || !request.header("access-control-request-method")) return response;
  response.headers.emplace_back("Access-Control-Allow-Methods", allow);
  response.headers.emplace_back("Access-Control-Allow-Headers",
                                "authorization, content-type, idempotency-key, x-idempotency-key, traceparent, "
                                "tracestate");
  response.headers.emplace_back("Access-Control-Max-Age", "600");
  return response;
}

}  // namespace ow::http
