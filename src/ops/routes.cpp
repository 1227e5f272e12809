// See routes.h.
#include "ops/routes.h"

#include <fmt/format.h>

#include <memory>

namespace ow::ops {
namespace {

using base::Json;
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

Json seconds(base::Duration span) {
  return base::JsonNumber{fmt::format("{:.3f}", static_cast<double>(span.count()) / 1e6)};
}

Json queue_json(const platform::QueueStatus& queue) {
  return Json::object({
      {"name", queue.spec.name},
      {"kind", queue.spec.kind == platform::QueueKind::ordered ? "ordered" : "fair"},
      {"ready", queue.ready},
      {"inFlight", queue.in_flight},
      {"delayed", queue.delayed},
      {"oldestAgeSeconds", queue.oldest_age ? seconds(*queue.oldest_age) : Json()},
      {"receiveLimit", queue.spec.receive_limit},
      {"visibilitySeconds", seconds(queue.spec.visibility)},
      {"paused", queue.paused},
  });
}

base::Task<base::Result<http::Reply>> list_queues(SharedPorts ports) {
  const auto queues = co_await ports->queue_admin.list();
  if (!queues) co_return base::fail(queues.error());
  auto items = Json::array();
  for (const auto& queue : *queues) items.push_back(queue_json(queue));
  co_return http::Reply{http::Response::json(200, Json::object({{"items", items}, {"nextCursor", Json()}}))};
}

Json typed(const char* type) { return Json::object({{"type", type}}); }

Json nullable(const char* type) { return Json::object({{"type", Json::array({type, "null"})}}); }

Json queue_list_schema() {
  const auto queue = Json::object({{"type", "object"},
                                   {"properties", Json::object({{"name", typed("string")},
                                                                {"kind", Json::object({{"enum", Json::array({"ordered", "fair"})}})},
                                                                {"ready", typed("integer")},
                                                                {"inFlight", typed("integer")},
                                                                {"delayed", typed("integer")},
                                                                {"oldestAgeSeconds", nullable("number")},
                                                                {"receiveLimit", typed("integer")},
                                                                {"visibilitySeconds", typed("number")},
                                                                {"paused", typed("boolean")}})}});
  return Json::object({{"type", "object"},
                       {"properties", Json::object({{"items", Json::object({{"type", "array"}, {"items", queue}})},
                                                    {"nextCursor", nullable("string")}})}});
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
  routes.push_back({.method = "GET",
                    .pattern = "/api/queues",
                    .access = http::Access::operators,
                    .summary = "Queues with their depth and the age of their oldest message.",
                    .handle = [shared](const http::RequestContext&) { return list_queues(shared); },
                    .answers = {{200, queue_list_schema()}}});
  return routes;
}

}  // namespace ow::ops
