// See ingest_sources.h. Record kind "event-source", schema 1: {source, note, createdAt, secrets: [{secret,
// createdAt, expiresAt}]}, kept until deleted. It holds secrets: exports leave it out.
#include "events/ingest_sources.h"

#include <algorithm>
#include <array>

#include "base/json_fields.h"
#include "events/bounds.h"
#include "http/handler.h"
#include "http/schema_text.h"
#include "ops/operator_action.h"
#include "platform/event_source.h"

namespace ow::events {
namespace {

using base::ErrorCode;
using base::Instant;
using base::Json;
using base::time_at;
using base::time_or_null;
using http::RequestContext;
using http::text_schema;
using Reply = base::Task<base::Result<http::Reply>>;

constexpr std::string_view kIndex = "event-sources";

platform::Key key_of(const std::string& name) { return {"event-source#" + name, "source"}; }

/// As kept, or as shown: without the secrets' texts.
Json to_json(const IngestSource& source, bool with_secrets) {
  auto secrets = Json::array();
  for (const auto& secret : source.secrets) {
    auto one =
        Json::object({{"createdAt", base::to_rfc3339(secret.created)}, {"expiresAt", time_or_null(secret.expires)}});
    if (with_secrets) one.set("secret", secret.text);
    secrets.push_back(std::move(one));
  }
  return Json::object({{"source", source.name},
                       {"note", source.note},
                       {"createdAt", base::to_rfc3339(source.created)},
                       {"secrets", std::move(secrets)}});
}

platform::Record to_record(const IngestSource& source) {
  return {.key = key_of(source.name),
          .kind = "event-source",
          .value = base::to_text(to_json(source, true)),
          .indexes = {{std::string(kIndex), "all", source.name}}};
}

base::Result<IngestSource> source_from(const platform::Record& record) {
  const auto unreadable =
      base::fail(ErrorCode::internal, "event_source_unreadable", "An event source's record cannot be read.");
  const auto json = base::parse_json(record.value);
  const auto name = json ? json->string_at("source") : std::nullopt;
  const auto created = json ? time_at(*json, "createdAt") : std::nullopt;
  const Json* secrets = json ? json->find("secrets") : nullptr;
  if (!name || !created || secrets == nullptr || !secrets->is_array()) return unreadable;
  IngestSource source{
      std::string(*name), std::string(json->string_at("note").value_or("")), *created, {}, record.version};
  for (const Json& one : secrets->as_array()) {
    const auto text = one.string_at("secret");
    const auto since = time_at(one, "createdAt");
    if (!text || !since) return unreadable;
    source.secrets.push_back({std::string(*text), *since, time_at(one, "expiresAt")});
  }
  return source;
}

SourceSecret new_secret(const IngestPorts& ports) {
  std::array<std::uint8_t, kSourceSecretBytes> bytes{};
  ports.random.fill(bytes);
  return {http::standard_webhooks::SigningSecret::text_of({reinterpret_cast<const char*>(bytes.data()), bytes.size()}),
          ports.clock.now(),
          {}};
}

tl::unexpected<base::Error> refused(std::vector<std::string> violations) {
  base::Error error{ErrorCode::unprocessable, "event_source_refused", "This cannot be done to the source."};
  error.violations = std::move(violations);
  return base::fail(std::move(error));
}

http::Reply shown_once(int status, const IngestSource& source) {
  auto json = to_json(source, false);
  json.set("secret", source.secrets.front().text);
  http::Reply reply{http::Response::json(status, json)};
  reply.response.headers.emplace_back("cache-control", "no-store");
  return reply;
}

platform::EventDraft action(const RequestContext& context, Instant now, const std::string& source, std::string type,
                            std::string why) {
  return ops::operator_event(ops::operator_of(context), now,
                             {.type = std::move(type), .subject = "event-source/" + source, .why = std::move(why)});
}

Reply create(IngestPorts ports, const RequestContext& context) {
  IngestSource source{std::string(context.body.string_at("source").value_or("")),
                      std::string(context.body.string_at("note").value_or("")),
                      ports.clock.now(),
                      {}};
  std::vector<std::string> violations;
  if (!platform::is_outside_source(source.name)) {
    violations.emplace_back(
        "source must be 1 to 128 letters, digits, `.`, `-`, `_`, `/`, and none of the platform's own");
  }
  if (source.note.size() > kSourceNoteCharsMax) violations.emplace_back("note must have at most 200 characters");
  if (!violations.empty()) co_return refused(std::move(violations));
  const auto known = co_await find_source(ports.store, source.name);
  if (!known) co_return base::fail(known.error());
  if (*known) {
    co_return base::fail(ErrorCode::conflict, "event_source_exists", "The source " + source.name + " exists already.");
  }
  source.secrets.push_back(new_secret(ports));
  auto reply = shown_once(201, source);
  reply.commit.put(to_record(source), platform::Expect::absent());
  reply.commit.event(action(context, source.created, source.name, "operator.event-source-created", ""));
  co_return reply;
}

Reply list(IngestPorts ports, const RequestContext& context) {
  platform::Query query{.index = std::string(kIndex), .partition = "all"};
  query.limit = base::bounds::kListItemsMax;
  if (const auto cursor = context.query.find("cursor"); cursor != context.query.end()) query.cursor = cursor->second;
  const auto page = co_await ports.store.query(std::move(query));
  if (!page) co_return base::fail(page.error());
  Json::Array items;
  for (const auto& record : page->records) {
    const auto source = source_from(record);
    if (!source) co_return base::fail(source.error());
    items.push_back(to_json(*source, false));
  }
  co_return http::Reply{http::Response::json(
      200, Json::object({{"items", std::move(items)},
                         {"nextCursor", page->next_cursor.empty() ? Json() : Json(page->next_cursor)}}))};
}

base::Task<base::Result<IngestSource>> must_find(platform::Store& store, std::string name) {
  auto source = co_await find_source(store, name);
  if (!source) co_return base::fail(source.error());
  if (*source) co_return std::move(**source);
  co_return base::fail(ErrorCode::not_found, "event_source_not_found", "There is no event source " + name + ".");
}

base::Result<base::Duration> overlap_of(const Json& body) {
  const auto seconds = body.integer_at("overlapSeconds");
  const std::int64_t most = std::chrono::seconds(kSourceOverlapMax).count();
  if (!seconds) return base::Duration(kSourceOverlapDefault);
  if (*seconds < 0 || *seconds > most) return refused({"overlapSeconds must be 0 to " + std::to_string(most)});
  return base::Duration(std::chrono::seconds(*seconds));
}

Reply rotate(IngestPorts ports, const RequestContext& context) {
  const auto overlap = overlap_of(context.body);
  if (!overlap) co_return base::fail(overlap.error());
  const auto why = ops::optional_reason(context.body);
  if (!why) co_return base::fail(why.error());
  auto source = co_await must_find(ports.store, context.params.at("id"));
  if (!source) co_return base::fail(source.error());
  const auto now = ports.clock.now();
  const auto old_ends = now + *overlap;
  for (auto& secret : source->secrets) secret.expires = std::min(secret.expires.value_or(old_ends), old_ends);
  std::erase_if(source->secrets, [&](const SourceSecret& secret) { return *secret.expires <= now; });
  if (source->secrets.size() >= kSourceSecretsMax) {
    co_return base::fail(ErrorCode::conflict, "rotation_under_way",
                         "An earlier rotation's overlap has not ended; overlapSeconds 0 ends it now.");
  }
  source->secrets.insert(source->secrets.begin(), new_secret(ports));
  auto reply = shown_once(200, *source);
  reply.commit.put(to_record(*source), platform::Expect::at(source->version));
  reply.commit.event(action(context, now, source->name, "operator.event-source-rotated", *why));
  co_return reply;
}

Reply remove(IngestPorts ports, const RequestContext& context) {
  const auto source = co_await must_find(ports.store, context.params.at("id"));
  if (!source) co_return base::fail(source.error());
  http::Reply reply{{.status = 204}};
  reply.commit.erase(key_of(source->name), platform::Expect::at(source->version));
  reply.commit.event(action(context, ports.clock.now(), source->name, "operator.event-source-deleted", ""));
  co_return reply;
}

Json source_schema(bool with_secret) {
  const auto nullable_text = Json::object({{"type", Json::array({"string", "null"})}});
  const auto secret = Json::object(
      {{"type", "object"}, {"properties", Json::object({{"createdAt", text_schema()}, {"expiresAt", nullable_text}})}});
  auto properties = Json::object({{"source", text_schema()},
                                  {"note", text_schema()},
                                  {"createdAt", text_schema()},
                                  {"secrets", Json::object({{"type", "array"}, {"items", secret}})}});
  if (with_secret) properties.set("secret", text_schema());
  return Json::object({{"type", "object"}, {"properties", std::move(properties)}});
}

}  // namespace

std::vector<http::standard_webhooks::SigningSecret> IngestSource::live_secrets(Instant now) const {
  std::vector<http::standard_webhooks::SigningSecret> live;
  for (const auto& secret : secrets) {
    if (secret.expires && *secret.expires <= now) continue;
    if (auto parsed = http::standard_webhooks::SigningSecret::parse(secret.text)) live.push_back(std::move(*parsed));
  }
  return live;
}

base::Task<base::Result<std::optional<IngestSource>>> find_source(platform::Store& store, std::string name) {
  const auto record = co_await platform::get_one(store, key_of(name));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return std::nullopt;
  auto source = source_from(**record);
  if (!source) co_return base::fail(source.error());
  co_return std::move(*source);
}

http::Routes ingest_source_routes(IngestPorts ports) {
  const auto new_source =
      Json::object({{"type", "object"},
                    {"required", Json::array({"source"})},
                    {"properties", Json::object({{"source", text_schema()}, {"note", text_schema()}})}});
  const auto rotation = Json::object(
      {{"type", "object"},
       {"properties",
        Json::object({{"overlapSeconds", Json::object({{"type", "integer"}})}, {"reason", ops::reason_schema()}})}});
  const auto listed = Json::object(
      {{"type", "object"},
       {"properties", Json::object({{"items", Json::object({{"type", "array"}, {"items", source_schema(false)}})},
                                    {"nextCursor", Json::object({{"type", Json::array({"string", "null"})}})}})}});
  http::Routes routes;
  routes.push_back({.method = "POST",
                    .pattern = "/api/event-sources",
                    .access = http::Access::admins,
                    .summary = "Makes a source that signs its events; this answer alone shows its secret",
                    .handle = http::handler(ports, create),
                    .body_schema = new_source,
                    .answers = {{201, source_schema(true)}},
                    .answers_secret = true});
  routes.push_back({.method = "GET",
                    .pattern = "/api/event-sources",
                    .access = http::Access::admins,
                    .summary = "Sources that sign their events",
                    .handle = http::handler(ports, list),
                    .query = {{"cursor", "nextCursor of the page before", text_schema()}},
                    .answers = {{200, listed}}});
  routes.push_back({.method = "POST",
                    .pattern = "/api/event-sources/{id}/rotate",
                    .access = http::Access::admins,
                    .summary = "Makes a new secret of a source; the old one is good for a while longer",
                    .handle = http::handler(ports, rotate),
                    .body_schema = rotation,
                    .answers = {{200, source_schema(true)}},
                    .answers_secret = true});
  routes.push_back({.method = "DELETE",
                    .pattern = "/api/event-sources/{id}",
                    .access = http::Access::admins,
                    .summary = "Takes no more events that this source signs",
                    .handle = http::handler(ports, remove),
                    .answers = {{204, Json()}}});
  return routes;
}

}  // namespace ow::events
