// The routes of API keys. See api_keys.h.
#include <algorithm>

#include "http/schema_text.h"
#include "http/scopes.h"
#include "identity/api_keys.h"
#include "identity/bounds.h"

namespace ow::identity {

using base::ErrorCode;
using base::Json;
using http::nullable;
using http::open_object;
using http::RequestContext;
using http::text_schema;

namespace {

constexpr auto kWrites = http::Access::admins;

Json texts_schema() { return http::array_of(text_schema()); }

Json key_schema(bool with_text) {
  auto properties = Json::object(
      {{"keyId", text_schema()},
       {"name", text_schema()},
       {"scopes", texts_schema()},
       {"sources", texts_schema()},
       {"rate", nullable("integer")},
       {"createdAt", text_schema()},
       {"createdBy", text_schema()},
       {"expiresAt", nullable("string")},
       {"revokedAt", nullable("string")},
       {"status", Json::object({{"enum", Json::array({"active", "expired", "revoked"})}})},
       {"lastUsedAt", nullable("string")},
       {"secrets", Json::object({{"type", "array"},
                                 {"items", open_object(Json::object({{"hint", text_schema()},
                                                                     {"createdAt", text_schema()},
                                                                     {"expiresAt", nullable("string")}}))}})}});
  if (with_text) properties.set("apiKey", text_schema());
  return open_object(std::move(properties));
}

Json new_key_schema() {
  return open_object(Json::object({{"name", text_schema()},
                                   {"scopes", texts_schema()},
                                   {"sources", texts_schema()},
                                   {"ratePerSecond", Json::object({{"type", "integer"}})},
                                   {"expiresAt", text_schema()}}),
                     {"name", "scopes"});
}

std::vector<std::string> sorted_texts(const Json& body, const char* name) {
  std::vector<std::string> texts;
  if (const Json* list = body.find(name)) {
    for (const Json& text : list->as_array()) texts.push_back(text.as_string());
  }
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  return texts;
}

tl::unexpected<base::Error> refused(std::string violation) {
  base::Error error{ErrorCode::unprocessable, "api_key_refused", "This cannot be done to the key."};
  error.violations.push_back(std::move(violation));
  return base::fail(std::move(error));
}

base::Result<std::optional<base::Instant>> expiry_of(const Json& body) {
  const auto text = body.string_at("expiresAt");
  if (!text) return std::nullopt;
  const auto at = base::parse_rfc3339(*text);
  if (!at) return refused("expiresAt must be a time as RFC 3339 writes it");
  return *at;
}

std::optional<int> rate_of(const Json& body) {
  const auto rate = body.integer_at("ratePerSecond");
  if (!rate) return std::nullopt;
  return static_cast<int>(std::clamp<std::int64_t>(*rate, 0, kKeyRateMax + 1));
}

base::Result<base::Duration> overlap_of(const Json& body) {
  const auto seconds = body.integer_at("overlapSeconds");
  const std::int64_t most = std::chrono::seconds(kKeyOverlapMax).count();
  if (!seconds) return base::Duration(kKeyOverlapDefault);
  if (*seconds < 0 || *seconds > most) {
    return refused("overlapSeconds must be 0 to " + std::to_string(most));
  }
  return base::Duration(std::chrono::seconds(*seconds));
}

platform::EventDraft action(const RequestContext& context, base::Instant now, const ApiKey& key, std::string type,
                            std::string why, Json details) {
  return ops::operator_event(
      ops::operator_of(context), now,
      {.type = std::move(type), .subject = key.id, .why = std::move(why), .details = std::move(details)});
}

}  // namespace

KeySecret ApiKeys::new_secret(const std::string& text) const {
  return {base::sha256(text), text.substr(0, kKeyHintChars), ports_.clock.now(), {}};
}

http::Reply ApiKeys::shown_once(int status, const ApiKey& key, const std::string& text) const {
  auto json = to_json(key, std::nullopt, ports_.clock.now());
  json.set("apiKey", text);
  http::Reply reply{http::Response::json(status, json)};
  reply.response.headers.emplace_back("cache-control", "no-store");
  return reply;
}

ApiKeys::Answer ApiKeys::create(const RequestContext& context) {
  const auto now = ports_.clock.now();
  const auto expires = expiry_of(context.body);
  if (!expires) co_return base::fail(expires.error());
  const auto text = make_key_text(ports_.random);
  ApiKey key{
      .id = ids_.next("key"),
      .name = std::string(context.body.string_at("name").value_or("")),
      .grant = {sorted_texts(context.body, "scopes"), sorted_texts(context.body, "sources"), rate_of(context.body)},
      .created = now,
      .created_by = context.principal->user,
      .expires = *expires,
      .revoked = {},
      .secrets = {new_secret(text)}};
  if (const auto checked = check_new_key(key, now); !checked) co_return base::fail(checked.error());
  auto reply = shown_once(201, key, text);
  reply.commit.put(to_record(key), platform::Expect::absent());
  reply.commit.put(key_secret_record(key.id, key.secrets.front()), platform::Expect::absent());
  Json::Array scopes(key.grant.scopes.begin(), key.grant.scopes.end());
  reply.commit.event(action(context, now, key, "operator.api-key-created", "",
                            Json::object({{"name", key.name}, {"scopes", std::move(scopes)}})));
  co_return reply;
}

ApiKeys::Answer ApiKeys::list(const RequestContext& context) {
  platform::Query query{.index = std::string(kKeyIndex), .partition = std::string(kKeyIndexPartition)};
  query.descending = true;
  query.limit = base::bounds::kListItemsMax;
  if (const auto limit = context.query.find("limit"); limit != context.query.end()) {
    query.limit = std::stoul(limit->second);
  }
  if (const auto cursor = context.query.find("cursor"); cursor != context.query.end()) query.cursor = cursor->second;
  const auto page = co_await ports_.store.query(std::move(query));
  if (!page) co_return base::fail(page.error());
  Json::Array items;
  for (const auto& record : page->records) {
    const auto key = api_key_from(record);
    if (!key) co_return base::fail(key.error());
    const auto used = co_await last_use(key->id);
    if (!used) co_return base::fail(used.error());
    items.push_back(to_json(*key, *used, ports_.clock.now()));
  }
  co_return http::Reply{http::Response::json(
      200, Json::object({{"items", std::move(items)},
                         {"nextCursor", page->next_cursor.empty() ? Json() : Json(page->next_cursor)}}))};
}

ApiKeys::Answer ApiKeys::show(const RequestContext& context) {
  const auto key = co_await find(context.params.at("id"));
  if (!key) co_return base::fail(key.error());
  const auto used = co_await last_use(key->id);
  if (!used) co_return base::fail(used.error());
  co_return http::Reply{http::Response::json(200, to_json(*key, *used, ports_.clock.now()))};
}

ApiKeys::Answer ApiKeys::rotate(const RequestContext& context) {
  const auto overlap = overlap_of(context.body);
  if (!overlap) co_return base::fail(overlap.error());
  const auto why = ops::optional_reason(context.body);
  if (!why) co_return base::fail(why.error());
  auto key = co_await find(context.params.at("id"));
  if (!key) co_return base::fail(key.error());
  const auto now = ports_.clock.now();
  if (!key->live(now)) {
    co_return base::fail(ErrorCode::conflict, "api_key_ended", "The key is revoked or expired; make a new one.");
  }
  http::Reply reply;
  const auto old_ends = now + *overlap;
  for (auto& secret : key->secrets) secret.expires = std::min(secret.expires.value_or(old_ends), old_ends);
  for (const auto& ended : key->drop_ended(now)) reply.commit.erase(key_secret_key(ended));
  if (key->secrets.size() >= kKeySecretsMax) {
    co_return base::fail(ErrorCode::conflict, "rotation_under_way",
                         "An earlier rotation's overlap has not ended; overlapSeconds 0 ends it now.");
  }
  for (const auto& old : key->secrets) reply.commit.put(key_secret_record(key->id, old));
  const auto text = make_key_text(ports_.random);
  key->secrets.insert(key->secrets.begin(), new_secret(text));
  reply.response = shown_once(200, *key, text).response;
  reply.commit.put(to_record(*key), platform::Expect::at(key->version));
  reply.commit.put(key_secret_record(key->id, key->secrets.front()), platform::Expect::absent());
  reply.commit.event(action(context, now, *key, "operator.api-key-rotated", *why,
                            Json::object({{"oldEndsAt", base::to_rfc3339(old_ends)}})));
  forget();
  co_return reply;
}

ApiKeys::Answer ApiKeys::revoke(const RequestContext& context) {
  const auto why = ops::required_reason(context.body);
  if (!why) co_return base::fail(why.error());
  auto key = co_await find(context.params.at("id"));
  if (!key) co_return base::fail(key.error());
  const auto now = ports_.clock.now();
  if (key->revoked) {
    co_return base::fail(ErrorCode::conflict, "api_key_ended", "The key is revoked already.");
  }
  http::Reply reply;
  for (const auto& secret : key->secrets) reply.commit.erase(key_secret_key(secret.digest));
  key->secrets.clear();
  key->revoked = now;
  reply.response = http::Response::json(200, to_json(*key, std::nullopt, now));
  reply.commit.put(to_record(*key), platform::Expect::at(key->version));
  reply.commit.event(action(context, now, *key, "operator.api-key-revoked", *why, Json::object()));
  forget();
  co_return reply;
}

http::Routes ApiKeys::routes() {
  const Json limit = Json::object({{"type", "integer"}, {"minimum", 1}, {"maximum", 50}});
  const Json list_answer =
      open_object(Json::object({{"items", Json::object({{"type", "array"}, {"items", key_schema(false)}})},
                                {"nextCursor", nullable("string")}}));
  http::Routes routes;
  routes.push_back({.method = "POST",
                    .pattern = "/api/api-keys",
                    .access = kWrites,
                    .summary = "Makes an API key, which this answer alone shows",
                    .handle = [this](const RequestContext& context) { return create(context); },
                    .body_schema = new_key_schema(),
                    .answers = {{201, key_schema(true)}},
                    .answers_secret = true});
  routes.push_back({.method = "GET",
                    .pattern = "/api/api-keys",
                    .access = kWrites,
                    .summary = "API keys, newest first",
                    .handle = [this](const RequestContext& context) { return list(context); },
                    .query = {{"limit", "Keys a page, at most 50", limit},
                              {"cursor", "nextCursor of the page before", text_schema()}},
                    .answers = {{200, list_answer}}});
  routes.push_back({.method = "GET",
                    .pattern = "/api/api-keys/{id}",
                    .access = kWrites,
                    .summary = "One API key",
                    .handle = [this](const RequestContext& context) { return show(context); },
                    .answers = {{200, key_schema(false)}}});
  routes.push_back({.method = "POST",
                    .pattern = "/api/api-keys/{id}/rotate",
                    .access = kWrites,
                    .summary = "Makes a new secret of a key; the old one is good for a while longer",
                    .handle = [this](const RequestContext& context) { return rotate(context); },
                    .body_schema = open_object(Json::object(
                        {{"overlapSeconds", Json::object({{"type", "integer"}})}, {"reason", ops::reason_schema()}})),
                    .answers = {{200, key_schema(true)}},
                    .answers_secret = true});
  routes.push_back({.method = "POST",
                    .pattern = "/api/api-keys/{id}/revoke",
                    .access = kWrites,
                    .summary = "Ends a key at once",
                    .handle = [this](const RequestContext& context) { return revoke(context); },
                    .body_schema = open_object(Json::object({{"reason", ops::reason_schema()}}), {"reason"}),
                    .answers = {{200, key_schema(false)}}});
  return routes;
}

}  // namespace ow::identity
