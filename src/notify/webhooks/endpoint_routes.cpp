// Handlers that make, show and change endpoints. See desk.h.
#include <algorithm>
#include <array>
#include <ranges>

#include <fmt/format.h>

#include "http/listing.h"
#include "notify/webhooks/bounds.h"
#include "notify/webhooks/desk.h"
#include "notify/webhooks/endpoint_request.h"
#include "notify/webhooks/health.h"
#include "notify/webhooks/pace_record.h"

namespace ow::notify::webhooks {
namespace {

using base::ErrorCode;
using base::Json;
using http::Reply;
using http::RequestContext;
using platform::Commit;
using platform::Expect;

std::string new_secret(platform::Random& random) {
  std::array<std::uint8_t, kSecretBytes> key{};
  random.fill(key);
  return http::standard_webhooks::SigningSecret::text_of(std::string(key.begin(), key.end()));
}

base::Result<void> check_bounds(const Desk& desk, const Endpoint& endpoint, bool by_operator) {
  const auto& all = desk.registry.seen();
  const auto own = std::ranges::count_if(all, [&](const auto& one) { return one.second->owner == endpoint.owner; });
  const bool full =
      all.size() >= kEndpointsMax || (!by_operator && static_cast<std::size_t>(own) >= kEndpointsPerCustomerMax);
  if (!full) return {};
  return base::fail(
      ErrorCode::conflict, "too_many_webhooks",
      fmt::format("There are as many webhooks as there may be; a customer has at most {}.", kEndpointsPerCustomerMax));
}

/// Where the log ends now: the endpoint gets what comes later.
base::Task<base::Result<std::string>> end_of_log(platform::EventLog& log) {
  const auto page = co_await log.newest(1);
  if (!page) co_return base::fail(page.error());
  co_return page->events.empty() ? std::string() : page->events.front().id.text;
}

/// Puts the endpoint as changed now, conditioned on the version it was read at.
Commit put_changed(const Desk& desk, Endpoint& endpoint) {
  endpoint.updated = desk.ports.clock.now();
  desk.registry.expect_change(endpoint);
  Commit commit;
  commit.put(endpoint_record(endpoint), Expect::at(endpoint.version));
  return commit;
}

}  // namespace

Answer create_endpoint(const Desk& desk, const RequestContext& context) {
  const auto& caller = context.principal->user;
  const bool by_operator = http::is_operator(context);
  const auto scope = context.body.string_at("scope").value_or(by_operator ? "all" : "own");
  if (scope == "all" && !by_operator) {
    co_return base::fail(ErrorCode::forbidden, "own_events_only", "Only operators receive the events of all.");
  }
  Endpoint endpoint;
  endpoint.owner = caller;
  if (scope == "own") endpoint.customer = caller;
  if (auto taken = take_members(context.body, endpoint); !taken) co_return base::fail(std::move(taken.error()));
  if (auto fits = check_bounds(desk, endpoint, by_operator); !fits) co_return base::fail(std::move(fits.error()));
  auto reachable = co_await desk.sender.check(endpoint.url);
  if (!reachable) co_return base::fail(std::move(reachable.error()));
  auto since = co_await end_of_log(desk.ports.event_log);
  if (!since) co_return base::fail(std::move(since.error()));
  endpoint.id = desk.ports.ids.next("whe");
  endpoint.since = std::move(*since);
  endpoint.created = desk.ports.clock.now();
  endpoint.updated = endpoint.created;
  rotate(endpoint, new_secret(desk.ports.random), endpoint.created, endpoint.created);
  desk.registry.expect_change(endpoint);
  auto json = endpoint_json(endpoint);
  json.set("secret", endpoint.secrets.front().text);
  auto reply = json_reply(201, json);
  reply.commit.put(endpoint_record(endpoint), Expect::absent());
  tell(desk, context, reply.commit, "webhook-created", endpoint);
  co_return reply;
}

Answer list_endpoints(const Desk& desk, const RequestContext& context) {
  const auto limit = http::page_limit(context, base::bounds::kListItemsMax);
  if (!limit) co_return base::fail(limit.error());
  const auto all = co_await desk.registry.all();
  if (!all) co_return base::fail(all.error());
  // Ids are by time, so this is newest first; the cursor is the last id shown.
  const auto before = http::query_text(context, "cursor");
  Json::Array items;
  std::string last;
  for (const auto& [id, endpoint] : **all | std::views::reverse) {
    const bool seen = http::is_operator(context) || endpoint->owner == context.principal->user;
    if (!seen || (!before.empty() && id >= before)) continue;
    if (items.size() == *limit) co_return page_reply(std::move(items), last);
    items.push_back(endpoint_json(*endpoint));
    last = id;
  }
  co_return page_reply(std::move(items), {});
}

Answer show_endpoint(const Desk& desk, const RequestContext& context) {
  const auto endpoint = co_await endpoint_of(desk, context);
  if (!endpoint) co_return base::fail(endpoint.error());
  auto json = endpoint_json(*endpoint);
  const auto failing = desk.registry.failing_since(endpoint->id);
  if (failing) json.set("failingSince", base::to_rfc3339(*failing));
  const auto& pace = desk.registry.pace(endpoint->id);
  json.set("circuit", pace.open(desk.ports.clock.ticks()) ? "open" : "closed");
  json.set("inFlight", pace.in_flight());
  co_return json_reply(200, json);
}

Answer change_endpoint(const Desk& desk, const RequestContext& context) {
  auto endpoint = co_await endpoint_of(desk, context);
  if (!endpoint) co_return base::fail(std::move(endpoint.error()));
  const auto url_before = endpoint->url;
  if (auto taken = take_members(context.body, *endpoint); !taken) co_return base::fail(std::move(taken.error()));
  if (endpoint->url != url_before) {
    auto reachable = co_await desk.sender.check(endpoint->url);
    if (!reachable) co_return base::fail(std::move(reachable.error()));
  }
  auto commit = put_changed(desk, *endpoint);
  tell(desk, context, commit, "webhook-changed", *endpoint);
  auto reply = json_reply(200, endpoint_json(*endpoint));
  reply.commit = std::move(commit);
  co_return reply;
}

Answer delete_endpoint(const Desk& desk, const RequestContext& context) {
  const auto endpoint = co_await endpoint_of(desk, context);
  if (!endpoint) co_return base::fail(endpoint.error());
  desk.registry.expect_change(*endpoint);
  auto reply = json_reply(200, Json::object({{"id", endpoint->id}, {"deleted", true}}));
  auto& commit = reply.commit;
  commit.erase(endpoint_key(endpoint->id), Expect::at(endpoint->version));
  commit.erase(health_key(endpoint->id));
  commit.erase(pace_key(endpoint->id));
  commit.cancel_timer(notice_timer(endpoint->id));
  commit.cancel_timer(probe_timer(endpoint->id));
  commit.send(work_message({.kind = "forget", .endpoint = endpoint->id}, "forget/" + endpoint->id));
  tell(desk, context, commit, "webhook-deleted", *endpoint);
  co_return reply;
}

Answer rotate_secret(const Desk& desk, const RequestContext& context) {
  auto endpoint = co_await endpoint_of(desk, context);
  if (!endpoint) co_return base::fail(std::move(endpoint.error()));
  const auto overlap = std::chrono::seconds(
      context.body.integer_at("overlapSeconds").value_or(std::chrono::seconds(kRotationOverlapDefault).count()));
  const auto now = desk.ports.clock.now();
  rotate(*endpoint, new_secret(desk.ports.random), now, now + overlap);
  auto reply = json_reply(200, Json::object({{"id", endpoint->id},
                                             {"secret", endpoint->secrets.front().text},
                                             {"previousUntil", base::to_rfc3339(now + overlap)}}));
  reply.commit = put_changed(desk, *endpoint);
  tell(desk, context, reply.commit, "webhook-secret-rotated", *endpoint);
  co_return reply;
}

Answer pause_endpoint(const Desk& desk, const RequestContext& context) {
  auto endpoint = co_await endpoint_of(desk, context);
  if (!endpoint) co_return base::fail(std::move(endpoint.error()));
  if (endpoint->status == Status::disabled) {
    co_return base::fail(ErrorCode::conflict, "webhook_disabled", "The webhook is disabled; resume it first.");
  }
  endpoint->status = Status::paused;
  auto commit = put_changed(desk, *endpoint);
  tell(desk, context, commit, "webhook-paused", *endpoint);
  auto reply = json_reply(200, endpoint_json(*endpoint));
  reply.commit = std::move(commit);
  co_return reply;
}

Answer resume_endpoint(const Desk& desk, const RequestContext& context) {
  auto endpoint = co_await endpoint_of(desk, context);
  if (!endpoint) co_return base::fail(std::move(endpoint.error()));
  auto active = *endpoint;
  active.status = Status::active;
  active.reason.clear();
  active.updated = desk.ports.clock.now();
  desk.registry.expect_change(active);
  desk.registry.set_failing(active.id, std::nullopt);
  auto reply = json_reply(200, endpoint_json(active));
  reply.commit = activate(std::move(*endpoint), active.updated, "wake/" + desk.ports.ids.next("whw"));
  tell(desk, context, reply.commit, "webhook-resumed", active);
  co_return reply;
}

Answer ping_endpoint(const Desk& desk, const RequestContext& context) {
  const auto endpoint = co_await endpoint_of(desk, context);
  if (!endpoint) co_return base::fail(endpoint.error());
  const auto now = desk.ports.clock.now();
  auto& pace = desk.registry.pace(endpoint->id);
  if (const auto away = co_await pace.begin(desk.ports.clock.ticks(), endpoint->rate_limit, false, 0)) {
    base::Error busy{ErrorCode::rate_limited, "webhook_busy", "The webhook has no turn now."};
    busy.retry_after_s = static_cast<int>((away->until - desk.ports.clock.ticks()).count() / 1'000'000) + 1;
    co_return base::fail(std::move(busy));
  }
  const auto outcome = co_await desk.sender.send(std::make_shared<const Endpoint>(*endpoint),
                                                 ping_parcel(*endpoint, desk.ports.ids.next("whp"), now));
  pace.done(desk.ports.clock.ticks(), outcome);
  auto json = Json::object(
      {{"delivered", outcome.success()}, {"durationMs", outcome.took.count() / 1000}, {"answer", outcome.answer}});
  if (outcome.status != 0) json.set("status", outcome.status);
  if (!outcome.reason.empty()) json.set("reason", outcome.reason);
  co_return json_reply(200, json);
}

}  // namespace ow::notify::webhooks
