// Handlers that show deliveries and attempts, and that make deliveries again. See desk.h.
#include <algorithm>

#include "http/listing.h"
#include "notify/topics/announcement.h"
#include "notify/webhooks/bounds.h"
#include "notify/webhooks/desk.h"

namespace ow::notify::webhooks {
namespace {

using base::ErrorCode;
using base::Json;
using http::RequestContext;

constexpr std::size_t kAttemptsShown = 100;

using Keep = std::function<bool(const Json& item)>;
using View = std::function<base::Result<Json>(const platform::Record& record)>;

/// A page of records that pass the filter. Looks at no more than kLookedAtMax; the cursor says where it stopped.
base::Task<base::Result<http::Reply>> filtered_page(platform::Store& store, platform::Query query, std::size_t limit,
                                                    View view, Keep keep) {
  Json::Array items;
  for (std::size_t looked_at = 0; items.size() < limit && looked_at < kLookedAtMax;) {
    query.limit = limit - items.size();
    auto page = co_await store.query(query);
    if (!page) co_return base::fail(std::move(page.error()));
    for (const auto& record : page->records) {
      auto item = view(record);
      if (!item) co_return base::fail(std::move(item.error()));
      if (keep(*item)) items.push_back(std::move(*item));
    }
    looked_at += page->records.size();
    query.cursor = std::move(page->next_cursor);
    if (query.cursor.empty()) break;
  }
  co_return page_reply(std::move(items), query.cursor);
}

base::Result<Json> delivery_view(const platform::Record& record) {
  const auto delivery = delivery_from(record);
  if (!delivery) return base::fail(delivery.error());
  return delivery_json(*delivery);
}

base::Result<Json> attempt_view(const platform::Record& record) { return attempt_json(record); }

bool is_state(const Json& item, const std::string& state) { return state.empty() || item.string_at("state") == state; }

/// `status`: a number, "delivered" (2xx), "failed" (anything else) or nothing.
bool is_status(const Json& item, const std::string& wanted) {
  const auto status = item.integer_at("status").value_or(0);
  const bool success = status >= 200 && status < 300;
  if (wanted.empty()) return true;
  if (wanted == "delivered" || wanted == "failed") return success == (wanted == "delivered");
  return wanted == std::to_string(status);
}

bool is_between(const Json& item, const std::string& from, const std::string& to) {
  const auto at = item.string_at("at").value_or("");
  return (from.empty() || at >= from) && (to.empty() || at < to);
}

base::Result<base::Instant> since_of(const Json& body) {
  auto since = base::parse_rfc3339(body.string_at("since").value_or(""));
  if (since) return *since;
  return base::fail(
      {ErrorCode::unprocessable, "invalid_since", "The request is not valid.", {"since must be an RFC 3339 time"}});
}

/// A time of the query in the form that attempts are stored in.
base::Result<std::string> time_text(const RequestContext& context, const std::string& name) {
  const auto text = http::query_text(context, name);
  if (text.empty()) return text;
  const auto at = base::parse_rfc3339(text);
  if (at) return base::to_rfc3339(*at);
  return base::fail(
      {ErrorCode::malformed, "bad_time", "The query is not valid.", {name + " must be an RFC 3339 time"}});
}

/// Starts longer work, or with `dryRun` only says how much it would be.
Answer start_work(const Desk& desk, const RequestContext& context, Endpoint endpoint, Count count, base::Instant since,
                  std::string kind) {
  const bool dry_run = context.body.bool_at("dryRun").value_or(false);
  auto reply = json_reply(dry_run ? 200 : 202, Json::object({{"deliveries", std::uint64_t{count.deliveries}},
                                                             {"complete", count.complete},
                                                             {"dryRun", dry_run}}));
  if (dry_run) co_return reply;
  Work work{.kind = kind, .endpoint = endpoint.id};
  work.from = since;
  work.until = desk.ports.clock.now();
  reply.commit.send(work_message(work, kind + "/" + desk.ports.ids.next("whw")));
  tell(desk, context, reply.commit, kind == "recover" ? "webhook-deliveries-recovered" : "webhook-events-replayed",
       endpoint, Json::object({{"since", base::to_rfc3339(since)}}));
  co_return reply;
}

}  // namespace

Answer list_deliveries(const Desk& desk, const RequestContext& context) {
  const auto endpoint = co_await endpoint_of(desk, context);
  if (!endpoint) co_return base::fail(endpoint.error());
  const auto limit = http::page_limit(context, base::bounds::kListItemsMax);
  if (!limit) co_return base::fail(limit.error());
  const auto state = http::query_text(context, "state");
  platform::Query query{.index = {}, .partition = delivery_partition(endpoint->id)};
  if (state == "failed") query = {.index = std::string(kFailedIndex), .partition = endpoint->id};
  query.descending = true;
  query.cursor = http::query_text(context, "cursor");
  co_return co_await filtered_page(desk.ports.store, query, *limit, delivery_view,
                                   [state](const Json& item) { return is_state(item, state); });
}

Answer show_delivery(const Desk& desk, const RequestContext& context) {
  const auto endpoint = co_await endpoint_of(desk, context);
  if (!endpoint) co_return base::fail(endpoint.error());
  const auto event = context.params.at("event");
  std::vector<platform::Key> keys = {delivery_key(endpoint->id, event), frozen_key(event)};
  const auto records = co_await desk.ports.store.get(std::move(keys));
  if (!records) co_return base::fail(records.error());
  if (!records->at(0)) {
    co_return base::fail(ErrorCode::not_found, "delivery_not_found", "The webhook has no delivery of " + event + ".");
  }
  auto json = delivery_view(*records->at(0));
  if (!json) co_return base::fail(std::move(json.error()));
  if (records->at(1)) json->set("body", records->at(1)->value);
  platform::Query query{.index = std::string(kAttemptIndex), .partition = endpoint->id + "/" + event};
  query.limit = kAttemptsShown;
  const auto page = co_await desk.ports.store.query(query);
  if (!page) co_return base::fail(page.error());
  Json::Array attempts;
  for (const auto& record : page->records) attempts.push_back(attempt_json(record));
  json->set("attemptList", std::move(attempts));
  co_return json_reply(200, *json);
}

Answer list_attempts(const Desk& desk, const RequestContext& context) {
  const auto endpoint = co_await endpoint_of(desk, context);
  if (!endpoint) co_return base::fail(endpoint.error());
  const auto limit = http::page_limit(context, base::bounds::kListItemsMax);
  if (!limit) co_return base::fail(limit.error());
  const auto from = time_text(context, "from");
  if (!from) co_return base::fail(from.error());
  const auto to = time_text(context, "to");
  if (!to) co_return base::fail(to.error());
  const auto event = http::query_text(context, "event");
  platform::Query query{.index = {}, .partition = attempt_partition(endpoint->id)};
  if (!event.empty()) query = {.index = std::string(kAttemptIndex), .partition = endpoint->id + "/" + event};
  query.descending = true;
  query.cursor = http::query_text(context, "cursor");
  const auto keep = [status = http::query_text(context, "status"), from = *from, to = *to](const Json& item) {
    return is_status(item, status) && is_between(item, from, to);
  };
  co_return co_await filtered_page(desk.ports.store, query, *limit, attempt_view, keep);
}

Answer resend_delivery(const Desk& desk, const RequestContext& context) {
  const auto endpoint = co_await endpoint_of(desk, context);
  if (!endpoint) co_return base::fail(endpoint.error());
  const auto event = context.params.at("event");
  auto commit = co_await desk.chores.resend(*endpoint, event);
  if (!commit) co_return base::fail(std::move(commit.error()));
  auto reply = json_reply(202, Json::object({{"event", event}, {"state", "waiting"}}));
  reply.commit = std::move(*commit);
  tell(desk, context, reply.commit, "webhook-delivery-resent", *endpoint, Json::object({{"event", event}}));
  co_return reply;
}

Answer recover_deliveries(const Desk& desk, const RequestContext& context) {
  auto endpoint = co_await endpoint_of(desk, context);
  if (!endpoint) co_return base::fail(std::move(endpoint.error()));
  const auto since = since_of(context.body);
  if (!since) co_return base::fail(since.error());
  const auto count = co_await desk.chores.count_failed(endpoint->id, *since);
  if (!count) co_return base::fail(count.error());
  co_return co_await start_work(desk, context, std::move(*endpoint), *count, *since, "recover");
}

Answer replay_events(const Desk& desk, const RequestContext& context) {
  auto endpoint = co_await endpoint_of(desk, context);
  if (!endpoint) co_return base::fail(std::move(endpoint.error()));
  const auto since = since_of(context.body);
  if (!since) co_return base::fail(since.error());
  const auto count = co_await desk.chores.count_missing(*endpoint, *since);
  if (!count) co_return base::fail(count.error());
  co_return co_await start_work(desk, context, std::move(*endpoint), *count, *since, "replay");
}

Answer poll_events(const Desk& desk, const RequestContext& context) {
  const auto endpoint = co_await endpoint_of(desk, context);
  if (!endpoint) co_return base::fail(endpoint.error());
  const auto limit = http::page_limit(context, base::bounds::kListItemsMax);
  if (!limit) co_return base::fail(limit.error());
  auto& log = desk.ports.event_log;
  auto cursor = http::query_text(context, "cursor");
  if (cursor.empty()) {
    auto start = co_await log.cursor_at(endpoint->created);
    if (!start) co_return base::fail(std::move(start.error()));
    cursor = std::move(*start);
  }
  Json::Array items;
  bool done = false;
  for (std::size_t looked_at = 0; !done && items.size() < *limit && looked_at < kLookedAtMax;) {
    const auto page = co_await log.after(cursor, base::bounds::kEventListItemsMax);
    if (!page) co_return base::fail(page.error());
    cursor = page->next_cursor;
    looked_at += page->events.size();
    done = page->events.size() < base::bounds::kEventListItemsMax;
    for (const auto& event : page->events) {
      const auto published = co_await desk.ports.publish(event);
      if (!published) co_return base::fail(published.error());
      const auto by_topic = co_await topic_listeners(desk.ports.store, event);
      if (!by_topic) co_return base::fail(by_topic.error());
      const bool wanted = wants(*endpoint, *published) || by_topic->contains(endpoint->id);
      if (event.id.text <= endpoint->since || !wanted) continue;
      if (items.size() == *limit) {
        done = false;
        break;
      }
      items.push_back(published->cloud_event);
      if (items.size() == *limit) cursor = event.cursor;
    }
  }
  co_return json_reply(200, Json::object({{"items", std::move(items)}, {"nextCursor", cursor}, {"done", done}}));
}

}  // namespace ow::notify::webhooks
