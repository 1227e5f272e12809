// See routes.h.
#include "ops/routes.h"

#include <memory>

#include "http/schema_text.h"

namespace ow::ops {
namespace {

using base::Json;
using http::typed;
using SharedPorts = std::shared_ptr<const OperationsPorts>;

base::Task<base::Result<http::Reply>> health(SharedPorts ports) {
  if (!ports->sign_in_works()) {
    co_return base::fail(base::ErrorCode::unavailable, "sign_in_unavailable", "Sign-in does not work now.");
  }
  http::Reply reply{http::Response::json(200, Json::object({{"status", "ok"}}))};
  // The answer leaves only after this write is durable, so 200 proves that writes work.
  reply.commit.put({.key = {"health", "probe"}, .kind = "probe", .value = "{}"});
  co_return reply;
}

base::Task<base::Result<http::Reply>> metrics(SharedPorts ports) {
  co_return http::Reply{
      {.status = 200, .body = ports->exposition(), .content_type = "text/plain; version=0.0.4; charset=utf-8"}};
}

}  // namespace

http::Routes routes(OperationsPorts ports) {
  const auto shared = std::make_shared<const OperationsPorts>(std::move(ports));
  http::Routes routes;
  routes.push_back({.method = "GET",
                    .pattern = "/health",
                    .access = http::Access::open,
                    .summary = "Whether sign-in and writes work.",
                    .handle = [shared](const http::RequestContext&) { return health(shared); },
                    .answers = {{200, Json::object({{"type", "object"},
                                                    {"properties", Json::object({{"status", typed("string")}})}})}}});
  routes.push_back({.method = "GET",
                    .pattern = "/metrics",
                    .access = http::Access::loopback_or_operators,
                    .summary = "Metrics in the Prometheus text format.",
                    .handle = [shared](const http::RequestContext&) { return metrics(shared); },
                    .answers = {{200, Json()}}});
  return routes;
}

}  // namespace ow::ops
