// See api_keys.h. The way of a key from text to caller; the routes are api_key_routes.cpp.
#include "identity/api_keys.h"

#include "identity/bounds.h"

namespace ow::identity {

using base::ErrorCode;
using base::Json;

namespace {

tl::unexpected<base::Error> invalid() {
  return base::fail(ErrorCode::unauthenticated, "invalid_key", "The API key is unknown, revoked or expired.");
}

/// How long what was looked up may be believed without looking again.
base::Instant believed_until(const ApiKey& key, const KeySecret& secret, base::Instant now) {
  base::Instant until = now + kKeyCached;
  for (const auto& end : {key.expires, secret.expires}) {
    if (end) until = std::min(until, *end);
  }
  return until;
}

}  // namespace

ApiKeys::ApiKeys(ApiKeyPorts ports)
    : ports_(ports),
      ids_(ports.clock, ports.random),
      accepted_(ports.telemetry.counter("ow_api_key_requests_total", {{"result", "accepted"}})),
      refused_(ports.telemetry.counter("ow_api_key_requests_total", {{"result", "refused"}})) {}

base::Task<base::Result<http::Principal>> ApiKeys::authenticate(std::string text) {
  const auto digest = base::sha256(text);
  const auto now = ports_.clock.now();
  if (const auto* known = cache_.find(digest, now)) {
    accepted_.add();
    note_use(known->user.text);
    co_return *known;
  }
  if (!is_key_text(text)) {
    refused_.add();
    co_return invalid();
  }
  const auto key = co_await look_up(digest);
  if (!key) co_return base::fail(key.error());
  const KeySecret* secret = *key && (*key)->live(now) ? (*key)->find(digest, now) : nullptr;
  if (secret == nullptr) {
    refused_.add();
    co_return invalid();
  }
  http::Principal principal{base::UserId((*key)->id), {}, (*key)->grant};
  if (now >= caches_again_) cache_.put(digest, principal, believed_until(**key, *secret, now));
  accepted_.add();
  note_use((*key)->id);
  co_return principal;
}

base::Task<base::Result<std::optional<ApiKey>>> ApiKeys::look_up(base::Sha256 digest) {
  const auto secret = co_await platform::get_one(ports_.store, key_secret_key(digest));
  if (!secret) co_return base::fail(secret.error());
  if (!*secret) co_return std::nullopt;
  const auto json = base::parse_json((*secret)->value);
  const auto id = json ? json->string_at("keyId") : std::nullopt;
  if (!id) co_return base::fail(ErrorCode::internal, "api_key_unreadable", "An API key cannot be read.");
  const auto record = co_await platform::get_one(ports_.store, api_key_key(std::string(*id)));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return std::nullopt;
  auto key = api_key_from(**record);
  if (!key) co_return base::fail(key.error());
  co_return std::move(*key);
}

void ApiKeys::forget() {
  cache_.clear();
  caches_again_ = ports_.clock.now() + kKeyChangeSettles;
}

/// Coarse, and beside the request: what a key does never waits for it.
void ApiKeys::note_use(const std::string& id) {
  const auto now = ports_.clock.now();
  if (const auto noted = noted_.find(id); noted != noted_.end() && now - noted->second < kKeyUseNotedEvery) return;
  if (noted_.size() >= kKeyUsesRemembered) noted_.clear();
  noted_[id] = now;
  if (!ports_.executor.stopping()) ports_.executor.spawn(write_use(id, now));
}

base::Task<void> ApiKeys::write_use(std::string id, base::Instant at) {
  platform::Commit commit;
  commit.put({.key = key_use_key(id),
              .kind = "api-key-use",
              .value = base::to_text(Json::object({{"at", base::to_rfc3339(at)}}))});
  const auto outcome = co_await ports_.store.commit(std::move(commit));
  if (!outcome || !outcome->committed()) noted_.erase(id);  // the next use tries again
}

base::Task<base::Result<std::optional<base::Instant>>> ApiKeys::last_use(std::string id) {
  const auto record = co_await platform::get_one(ports_.store, key_use_key(id));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return std::nullopt;
  const auto json = base::parse_json((*record)->value);
  const auto at = base::parse_rfc3339(json ? json->string_at("at").value_or("") : "");
  if (!at) co_return std::nullopt;
  co_return *at;
}

base::Task<base::Result<ApiKey>> ApiKeys::find(std::string id) {
  const auto record = co_await platform::get_one(ports_.store, api_key_key(id));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return base::fail(ErrorCode::not_found, "api_key_not_found", "There is no API key " + id + ".");
  co_return api_key_from(**record);
}

}  // namespace ow::identity
