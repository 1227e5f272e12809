// See api.h. One request's way: bounds and route, caller and rate, query and body, then the handler and its
// commit. Nothing is read from the store before the handler's own reads.
#include "http/api.h"

#include <exception>

#include "base/assert.h"
#include "http/access.h"
#include "http/cors.h"
#include "http/endpoint.h"
#include "http/idempotency.h"
#include "http/openapi.h"
#include "http/problem.h"
#include "http/rate_limiter.h"
#include "http/request_log.h"
#include "http/route_table.h"
#include "http/target.h"
#include "http/trace_context.h"
#include "platform/id_source.h"

namespace ow::http {
namespace {

using base::Error;
using base::ErrorCode;
using platform::CommitOutcome;

/// Counts requests under way. Shared, because a simulated crash may destroy requests after the Api.
class Ticket {
 public:
  Ticket(std::shared_ptr<std::size_t> count, platform::GaugeMetric& gauge)
      : count_(std::move(count)), admitted_(*count_ < base::bounds::kRequestsInFlightMax) {
    gauge.set(static_cast<double>(++*count_));
  }
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;
  ~Ticket() { --*count_; }
  bool admitted() const { return admitted_; }

 private:
  std::shared_ptr<std::size_t> count_;
  bool admitted_;
};

/// One request on its way through the edge.
struct Call {
  const Request& request;
  base::Duration started;
  RequestContext context = {};
  std::string_view path = {};
  std::string_view query = {};
  Endpoint* endpoint = nullptr;       // none: no such route
  std::optional<Error> unknown = {};  // why the token that was sent names nobody
  std::optional<IdempotencySlot> slot = {};
  std::string reason = {};  // of the error that was answered, for the log
};

bool is_json(std::string_view media_type) {
  std::string type(media_type.substr(0, media_type.find(';')));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  for (char& c : type) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return type == "application/json" || type.ends_with("+json");
}

Route openapi_route(const std::string& document) {
  Route route;
  route.method = "GET";
  route.pattern = "/openapi.json";
  route.access = Access::open;
  route.summary = "This document: OpenAPI 3.1 of all routes";
  route.answers = {{200, base::Json::object({{"type", "object"}})}};
  route.handle = [&document](const RequestContext&) {
    return base::ready<base::Result<Reply>>(Reply{Response::json_text(200, document)});
  };
  return route;
}

}  // namespace

struct Api::Impl {
  Impl(ApiPorts given_ports, Routes given_routes, ApiOptions given_options);

  base::Task<Response> handle(Request request);
  base::Task<Response> answer(Call& call);
  base::Task<Response> run(Call& call);
  base::Task<base::Result<Reply>> decide(Call& call);
  base::Task<Response> kept_or(Call& call, Response otherwise);
  base::Task<std::optional<Response>> find_kept(Call& call);

  std::optional<Response> find_endpoint(Call& call);
  std::optional<Error> charge(const Call& call);
  std::optional<Error> admit(Call& call);
  std::optional<Response> read(Call& call);
  std::optional<Error> read_key(Call& call);
  void read_body_again(Call& call);
  Reply to_reply(Call& call, base::Result<Reply> decided);
  Response refused(Call& call, const Error& error);
  Response refused(Call& call, int status, const Error& error);
  void finish(Call& call, Response& response);
  bool is_kept_elsewhere(const Call& call, const CommitOutcome& outcome) const;

  ApiPorts ports;
  ApiOptions options;
  std::string document;
  Routes routes;
  RouteTable table;
  std::vector<Endpoint> endpoints;
  RouteMetrics unmatched;
  Cors cors;
  platform::IdSource ids;
  RateLimiter users, peers;
  RequestLog request_log;
  KeysInFlight keys;
  std::shared_ptr<std::size_t> in_flight = std::make_shared<std::size_t>(0);
  platform::GaugeMetric& in_flight_gauge;
  platform::CounterMetric& refused_overload;
  platform::CounterMetric& refused_rate;
  platform::CounterMetric& reruns;
  platform::CounterMetric& replays;
};

namespace {

Routes with_openapi(Routes routes, const std::string& document) {
  routes.push_back(openapi_route(document));
  return routes;
}

platform::CounterMetric& refusals(platform::Telemetry& telemetry, std::string reason) {
  return telemetry.counter("ow_http_refused_total", {{"reason", std::move(reason)}});
}

}  // namespace

Api::Impl::Impl(ApiPorts given_ports, Routes given_routes, ApiOptions given_options)
    : ports(given_ports),
      options(std::move(given_options)),
      routes(with_openapi(std::move(given_routes), document)),
      table(routes),
      unmatched(ports.telemetry, "unmatched"),
      cors(options.cors_origins),
      ids(ports.clock, ports.random),
      users(options.rate_limit),
      peers(options.rate_limit),
      request_log(ports.telemetry, options.log_lines_per_second, options.slow_request),
      in_flight_gauge(ports.telemetry.gauge("ow_http_requests_in_flight")),
      refused_overload(refusals(ports.telemetry, "overload")),
      refused_rate(refusals(ports.telemetry, "rate_limit")),
      reruns(ports.telemetry.counter("ow_http_conflict_reruns_total")),
      replays(ports.telemetry.counter("ow_http_replays_total")) {
  document = to_text(openapi_document(routes, {options.version, options.public_url}));
  endpoints.reserve(routes.size());
  for (const Route& route : routes) endpoints.emplace_back(route, ports.telemetry);
}

base::Task<Response> Api::Impl::handle(Request request) {
  Call call{request, ports.clock.ticks()};
  call.context.request_id = ids.next("req");
  call.context.peer = request.peer;
  call.context.request = &request;
  const Ticket ticket(in_flight, in_flight_gauge);
  Response response;
  if (ticket.admitted()) {
    response = co_await answer(call);
  } else {
    refused_overload.add();
    response = refused(call, {ErrorCode::unavailable, "overloaded", "Too many requests are under way; try again."});
  }
  finish(call, response);
  co_return response;
}

base::Task<Response> Api::Impl::answer(Call& call) {
  call.context.trace = continue_trace(call.request.headers, ports.random);
  if (auto early = find_endpoint(call)) {
    const auto too_many = charge(call);
    co_return too_many ? refused(call, *too_many) : std::move(*early);
  }
  const auto token = bearer_token(call.request.headers);
  if (!token) {
    call.unknown = token.error();
  } else if (*token) {
    auto principal = co_await ports.authenticator.authenticate(std::string(**token));
    if (principal) {
      call.context.principal = std::move(*principal);
    } else {
      call.unknown = std::move(principal.error());
    }
  }
  if (const auto refusal = admit(call)) co_return refused(call, *refusal);
  if (auto early = read(call)) co_return std::move(*early);
  if (!call.slot) co_return co_await run(call);
  const auto hold = keys.hold(call.slot->key);
  if (hold.held()) co_return co_await run(call);
  co_return refused(
      call, {ErrorCode::conflict, "idempotency_key_in_flight", "A request with this idempotency key is under way."});
}

/// Sets the endpoint, or answers what needs none.
std::optional<Response> Api::Impl::find_endpoint(Call& call) {
  const bool options_asked = call.request.method == "OPTIONS";
  if (options_asked && call.request.target == "*") return Response{.status = 204};
  const auto target = split_target(call.request.target);
  if (!target) return refused(call, target.error());
  call.path = target->path;
  call.query = target->query;
  auto found = table.find(call.request.method, target->path);
  if (!found) return refused(call, found.error());
  if (found->route) {
    call.endpoint = &endpoints[*found->route];
    call.context.params = call.endpoint->parameters(std::move(found->values));
    return std::nullopt;
  }
  if (found->allow.empty()) {
    return refused(call, {ErrorCode::not_found, "route_not_found", "There is no such path."});
  }
  if (options_asked) return cors.options(call.request, found->allow);
  Response response = refused(
      call, 405, {ErrorCode::malformed, "method_not_allowed", "This path takes " + std::string(found->allow) + "."});
  response.headers.emplace_back("Allow", found->allow);
  return response;
}

/// A known caller pays for itself, all others by address.
std::optional<Error> Api::Impl::charge(const Call& call) {
  const auto& principal = call.context.principal;
  const auto own_rate = principal && principal->key ? principal->key->rate : std::nullopt;
  const bool within = principal ? users.admit(principal->user.text, call.started, own_rate)
                                : peers.admit(call.request.peer, call.started);
  if (within) return std::nullopt;
  refused_rate.add();
  return Error{ErrorCode::rate_limited, "rate_limited", "Too many requests in a second; wait for the next."};
}

std::optional<Error> Api::Impl::admit(Call& call) {
  if (auto too_many = charge(call)) return too_many;
  const Route& route = call.endpoint->route();
  grant_by_scope(route, call.context.principal);
  return refuse(route, is_from_loopback(call.request), call.context.principal, call.unknown);
}

/// Query, key and body into the context; an answer when one of them is at fault.
std::optional<Response> Api::Impl::read(Call& call) {
  const std::string& body = call.request.body;
  if (body.size() > base::bounds::kBodyBytesMax) {
    return refused(call, {ErrorCode::too_large, "body_too_large", "The body is larger than 256 KB."});
  }
  auto query = call.endpoint->read_query(call.query);
  if (!query) return refused(call, query.error());
  call.context.query = std::move(*query);
  if (const auto refusal = read_key(call)) return refused(call, *refusal);
  if (!call.endpoint->takes_body()) return std::nullopt;
  const auto media_type = call.request.header("content-type");
  if (!body.empty() && media_type && !is_json(*media_type)) {
    return refused(call, 415, {ErrorCode::malformed, "unsupported_media_type", "The body must be application/json."});
  }
  auto json = call.endpoint->read_body(body);
  if (!json) return refused(call, json.error());
  call.context.body = std::move(*json);
  return std::nullopt;
}

std::optional<Error> Api::Impl::read_key(Call& call) {
  if (!call.endpoint->takes_idempotency_key()) return std::nullopt;
  const auto key = idempotency_key(call.request.headers);
  if (!key) return key.error();
  if (!*key) return std::nullopt;
  IdempotencySlot slot;
  slot.key.partition = "idempotency/" + call.context.principal->user.text;
  slot.key.sort = call.endpoint->metrics().route() + ' ' + std::string(**key);
  slot.path = call.path;
  slot.body_hash = base::sha256(call.request.body);
  call.slot = std::move(slot);
  return std::nullopt;
}

/// The handler's own answer; an exception that leaves it is a defect of one request, not of the process.
base::Task<base::Result<Reply>> Api::Impl::decide(Call& call) {
  try {
    auto reply = co_await call.endpoint->route().handle(call.context);
    co_return reply;
  } catch (const std::exception& defect) {
    co_return base::fail(ErrorCode::internal, "handler_threw", defect.what());
  }
}

/// An error becomes its problem; an answer decided on state joins the commit under its key.
Reply Api::Impl::to_reply(Call& call, base::Result<Reply> decided) {
  Reply reply = decided ? std::move(*decided) : Reply{refused(call, decided.error())};
  if (call.slot && is_kept(reply.response.status)) {
    const auto expires = ports.clock.now() + options.idempotency_kept;
    reply.commit.put(to_record(*call.slot, reply.response, expires), platform::Expect::absent());
  }
  return reply;
}

base::Task<Response> Api::Impl::run(Call& call) {
  for (int tries = 0; tries < base::bounds::kConflictRunsMax; ++tries) {
    if (tries > 0) read_body_again(call);
    auto decided = co_await decide(call);
    Reply reply = to_reply(call, std::move(decided));
    if (reply.commit.empty()) co_return co_await kept_or(call, std::move(reply.response));
    // Hundreds wait here at once: memory that is given back now is still in the cache for the next request.
    call.context.body = base::Json();
    auto outcome = co_await ports.store.commit(std::move(reply.commit));
    if (!outcome) {
      Error error = std::move(outcome.error());
      if (error.code == ErrorCode::unavailable) co_return refused(call, error);  // no reads under overload
      if (error.code == ErrorCode::malformed) error.code = ErrorCode::internal;  // our commit, not the request
      co_return co_await kept_or(call, refused(call, error));
    }
    if (outcome->committed()) co_return std::move(reply.response);
    if (outcome->kind != CommitOutcome::Kind::conflict) break;
    if (is_kept_elsewhere(call, *outcome)) {
      if (auto kept = co_await find_kept(call)) co_return std::move(*kept);
    }
    reruns.add();
  }
  co_return co_await kept_or(call, refused(call, {ErrorCode::unavailable, "contended",
                                                  "The outcome could not be settled; try again with the same "
                                                  "idempotency key."}));
}

void Api::Impl::read_body_again(Call& call) {
  if (!call.endpoint->takes_body()) return;
  auto json = call.endpoint->read_body(call.request.body);
  OW_ASSERT(json.has_value(), "what was read once can be read again");
  call.context.body = std::move(*json);
}

bool Api::Impl::is_kept_elsewhere(const Call& call, const CommitOutcome& outcome) const {
  return call.slot && outcome.conflict.part == platform::Conflict::Part::record &&
         outcome.conflict.key == call.slot->key;
}

/// A request that was answered once is answered so for ever, whatever hinders it now.
base::Task<Response> Api::Impl::kept_or(Call& call, Response otherwise) {
  if (!call.slot) co_return otherwise;
  auto kept = co_await find_kept(call);
  co_return kept ? std::move(*kept) : std::move(otherwise);
}

base::Task<std::optional<Response>> Api::Impl::find_kept(Call& call) {
  auto record = co_await get_one(ports.store, call.slot->key);
  if (!record) co_return refused(call, record.error());
  if (!*record) co_return std::nullopt;
  auto response = replay(*call.slot, **record);
  if (!response) co_return refused(call, response.error());
  replays.add();
  call.reason = "replayed";
  co_return std::move(*response);
}

Response Api::Impl::refused(Call& call, const Error& error) { return refused(call, status_of(error.code), error); }

Response Api::Impl::refused(Call& call, int status, const Error& error) {
  call.reason = error.reason;
  if (status == 500 || status == 507) request_log.write_failure(call.context, error, call.started);
  Response response = problem(status, error, call.context.request_id);
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", challenge(call.unknown));
  return response;
}

void Api::Impl::finish(Call& call, Response& response) {
  response.headers.emplace_back("X-Request-Id", call.context.request_id);
  cors.decorate(call.request, response);
  in_flight_gauge.set(static_cast<double>(*in_flight - 1));
  const base::Duration took = ports.clock.ticks() - call.started;
  RouteMetrics& metrics = call.endpoint ? call.endpoint->metrics() : unmatched;
  metrics.answered(response.status, took);
  const std::string_view pattern = call.endpoint ? std::string_view(call.endpoint->route().pattern) : "unmatched";
  request_log.write({call.context, call.request.method, pattern, response.status, call.reason, took}, call.started);
}

Api::Api(ApiPorts ports, Routes routes, ApiOptions options)
    : impl_(std::make_unique<Impl>(ports, std::move(routes), std::move(options))) {}
Api::~Api() = default;

base::Task<Response> Api::handle(Request request) { return impl_->handle(std::move(request)); }

std::size_t Api::requests_in_flight() const { return *impl_->in_flight; }

std::string Api::openapi() const { return impl_->document; }

}  // namespace ow::http
