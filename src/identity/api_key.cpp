// See api_key.h. Record kinds: "api-key", schema 1: {keyId, name, scopes, sources, rate, createdAt, createdBy,
// expiresAt, revokedAt, secrets: [{sha256, hint, createdAt, expiresAt}]}, kept a year after revocation;
// "api-key-secret", schema 1: {keyId}, gone with the secret; "api-key-use", schema 1: {at}.
#include "identity/api_key.h"

#include <algorithm>

#include "base/json_fields.h"
#include "http/scopes.h"
#include "identity/bounds.h"
#include "platform/event_source.h"

namespace ow::identity {
namespace {

using base::ErrorCode;
using base::Instant;
using base::Json;
using base::time_at;
using base::time_or_null;

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kSecretChars = 43;  // base64url of them
constexpr std::size_t kChecksumChars = 6;

std::string checksum_of(std::string_view text) {
  const auto digest = base::sha256(text);
  return base::to_base64url({reinterpret_cast<const char*>(digest.data()), digest.size()}).substr(0, kChecksumChars);
}

std::string_view bytes_of(const base::Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Json strings(const std::vector<std::string>& items) { return Json(Json::Array(items.begin(), items.end())); }

std::vector<std::string> strings_at(const Json& json, std::string_view name) {
  std::vector<std::string> items;
  const Json* list = json.find(name);
  if (list == nullptr || !list->is_array()) return items;
  for (const Json& item : list->as_array()) {
    if (item.is_string()) items.push_back(item.as_string());
  }
  return items;
}

int hex_digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

std::optional<base::Sha256> digest_from(std::string_view hex) {
  base::Sha256 digest{};
  if (hex.size() != 2 * digest.size()) return std::nullopt;
  if (hex.find_first_not_of("0123456789abcdef") != std::string_view::npos) return std::nullopt;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<std::uint8_t>(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
  }
  return digest;
}

Json secret_json(const KeySecret& secret) {
  return Json::object({{"sha256", base::to_hex(secret.digest)},
                       {"hint", secret.hint},
                       {"createdAt", base::to_rfc3339(secret.created)},
                       {"expiresAt", time_or_null(secret.expires)}});
}

std::optional<KeySecret> secret_from(const Json& json) {
  const auto digest = digest_from(json.string_at("sha256").value_or(""));
  const auto created = time_at(json, "createdAt");
  if (!digest || !created) return std::nullopt;
  return KeySecret{*digest, std::string(json.string_at("hint").value_or("")), *created, time_at(json, "expiresAt")};
}

/// What a record and an admin's view have in common.
Json described(const ApiKey& key) {
  return Json::object({{"keyId", key.id},
                       {"name", key.name},
                       {"scopes", strings(key.grant.scopes)},
                       {"sources", strings(key.grant.sources)},
                       {"rate", key.grant.rate ? Json(std::int64_t{*key.grant.rate}) : Json()},
                       {"createdAt", base::to_rfc3339(key.created)},
                       {"createdBy", key.created_by.text},
                       {"expiresAt", time_or_null(key.expires)},
                       {"revokedAt", time_or_null(key.revoked)}});
}

void check_grant(const http::KeyGrant& grant, std::vector<std::string>& violations) {
  if (grant.scopes.empty() || grant.scopes.size() > kKeyScopesMax) {
    violations.emplace_back("scopes must hold 1 to 32 scopes");
  }
  for (const auto& scope : grant.scopes) {
    if (!http::is_scope(scope)) violations.push_back("scopes: there is no scope " + scope);
  }
  if (grant.sources.size() > kKeySourcesMax) violations.emplace_back("sources must hold at most 32 sources");
  for (const auto& source : grant.sources) {
    if (!platform::is_outside_source(source)) {
      violations.push_back("sources: " + source +
                           " must be 1 to 128 letters, digits, `.`, `-`, `_`, `/`, and none of the platform's own");
    }
  }
  if (grant.allows("events:ingest") == grant.sources.empty()) {
    violations.emplace_back("sources must be given with the scope events:ingest, and only with it");
  }
  if (grant.rate && (*grant.rate < 1 || *grant.rate > kKeyRateMax)) {
    violations.emplace_back("ratePerSecond must be 1 to 100000");
  }
}

}  // namespace

std::string make_key_text(platform::Random& random) {
  std::array<std::uint8_t, kSecretBytes> bytes{};
  random.fill(bytes);
  auto text = std::string(kKeyPrefix) + base::to_base64url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  return text + checksum_of(text);
}

bool is_key_text(std::string_view text) {
  if (!text.starts_with(kKeyPrefix) || text.size() != kKeyPrefix.size() + kSecretChars + kChecksumChars) {
    return false;
  }
  const auto checked = text.substr(0, text.size() - kChecksumChars);
  return checksum_of(checked) == text.substr(checked.size());
}

const KeySecret* ApiKey::find(const base::Sha256& digest, Instant now) const {
  const KeySecret* found = nullptr;
  for (const auto& secret : secrets) {
    const bool same = base::equal_constant_time(bytes_of(secret.digest), bytes_of(digest));
    if (same && (!secret.expires || now < *secret.expires)) found = &secret;
  }
  return found;
}

std::vector<base::Sha256> ApiKey::drop_ended(Instant now) {
  std::vector<base::Sha256> ended;
  std::erase_if(secrets, [&](const KeySecret& secret) {
    const bool gone = secret.expires && *secret.expires <= now;
    if (gone) ended.push_back(secret.digest);
    return gone;
  });
  return ended;
}

base::Result<void> check_new_key(const ApiKey& key, Instant now) {
  std::vector<std::string> violations;
  if (key.name.empty() || key.name.size() > kKeyNameCharsMax) {
    violations.emplace_back("name must have 1 to 100 characters");
  }
  check_grant(key.grant, violations);
  if (key.expires && *key.expires <= now) violations.emplace_back("expiresAt must lie in the future");
  if (violations.empty()) return {};
  base::Error error{ErrorCode::unprocessable, "api_key_refused", "The key cannot be made."};
  error.violations = std::move(violations);
  return base::fail(std::move(error));
}

platform::Key api_key_key(const std::string& id) { return {"api-key#" + id, "key"}; }
platform::Key key_use_key(const std::string& id) { return {"api-key#" + id, "use"}; }
platform::Key key_secret_key(const base::Sha256& digest) {
  return {"api-key-secret#" + base::to_hex(digest), "secret"};
}

platform::Record to_record(const ApiKey& key) {
  auto json = described(key);
  auto secrets = Json::array();
  for (const auto& secret : key.secrets) secrets.push_back(secret_json(secret));
  json.set("secrets", std::move(secrets));
  platform::Record record{.key = api_key_key(key.id),
                          .kind = "api-key",
                          .value = base::to_text(json),
                          .indexes = {{std::string(kKeyIndex), std::string(kKeyIndexPartition), key.id}}};
  if (key.revoked) record.expires = *key.revoked + kKeyRevokedKept;
  return record;
}

base::Result<ApiKey> api_key_from(const platform::Record& record) {
  const auto unreadable = base::fail(ErrorCode::internal, "api_key_unreadable", "An API key's record cannot be read.");
  const auto json = base::parse_json(record.value);
  if (!json) return unreadable;
  const auto id = json->string_at("keyId");
  const auto created = time_at(*json, "createdAt");
  const Json* secrets = json->find("secrets");
  if (!id || !created || secrets == nullptr || !secrets->is_array()) return unreadable;
  ApiKey key{.id = std::string(*id),
             .name = std::string(json->string_at("name").value_or("")),
             .grant = {strings_at(*json, "scopes"), strings_at(*json, "sources"), {}},
             .created = *created,
             .created_by = base::UserId(std::string(json->string_at("createdBy").value_or(""))),
             .expires = time_at(*json, "expiresAt"),
             .revoked = time_at(*json, "revokedAt"),
             .secrets = {},
             .version = record.version};
  if (const auto rate = json->integer_at("rate")) key.grant.rate = static_cast<int>(*rate);
  for (const Json& one : secrets->as_array()) {
    auto secret = secret_from(one);
    if (!secret) return unreadable;
    key.secrets.push_back(std::move(*secret));
  }
  return key;
}

platform::Record key_secret_record(const std::string& id, const KeySecret& secret) {
  return {.key = key_secret_key(secret.digest),
          .kind = "api-key-secret",
          .value = base::to_text(Json::object({{"keyId", id}})),
          .expires = secret.expires};
}

Json to_json(const ApiKey& key, std::optional<Instant> used, Instant now) {
  auto json = described(key);
  json.set("status", key.revoked ? "revoked" : key.live(now) ? "active" : "expired");
  json.set("lastUsedAt", time_or_null(used));
  auto secrets = Json::array();
  for (const auto& secret : key.secrets) {
    if (secret.expires && *secret.expires <= now) continue;
    secrets.push_back(Json::object({{"hint", secret.hint},
                                    {"createdAt", base::to_rfc3339(secret.created)},
                                    {"expiresAt", time_or_null(secret.expires)}}));
  }
  json.set("secrets", std::move(secrets));
  return json;
}

}  // namespace ow::identity
