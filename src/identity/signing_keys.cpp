// See signing_keys.h. The secret: {keys: [{jwk, publishedAt, signsFrom}]}, oldest first; before rotation
// existed it was {keys: [jwk]}.
#include "identity/signing_keys.h"

#include "base/assert.h"
#include "base/bounds.h"
#include "identity/bounds.h"

namespace ow::identity {
namespace {

using base::ErrorCode;
using base::Instant;
using base::Json;

constexpr const char* kSecretName = "identity-signing-keys";

std::optional<HeldKey> read_key(const Json& json) {
  const Json* jwk = json.find("jwk");
  auto key = SigningKey::from_private_jwk(jwk == nullptr ? json : *jwk);
  if (!key) return std::nullopt;
  const auto published = base::parse_rfc3339(json.string_at("publishedAt").value_or(""));
  const auto signs_from = base::parse_rfc3339(json.string_at("signsFrom").value_or(""));
  if (jwk != nullptr && (!published || !signs_from)) return std::nullopt;
  return HeldKey{*std::move(key), published ? *published : Instant{}, signs_from ? *signs_from : Instant{}};
}

base::Result<std::vector<HeldKey>> read_keys(const std::string& text) {
  const auto unreadable = base::fail(ErrorCode::internal, "signing_keys_unreadable",
                                     "The secret identity-signing-keys cannot be read; restore it from a backup.");
  const auto json = base::parse_json(text);
  const Json* keys = json ? json->find("keys") : nullptr;
  if (keys == nullptr || !keys->is_array() || keys->as_array().empty()) return unreadable;
  std::vector<HeldKey> result;
  for (const Json& one : keys->as_array()) {
    auto key = read_key(one);
    if (!key) return unreadable;
    result.push_back(*std::move(key));
  }
  return result;
}

std::string to_text(const std::vector<HeldKey>& keys) {
  Json all = Json::array();
  for (const auto& held : keys) {
    all.push_back(Json::object({{"jwk", held.key.private_jwk()},
                                {"publishedAt", base::to_rfc3339(held.published)},
                                {"signsFrom", base::to_rfc3339(held.signs_from)}}));
  }
  return base::to_text(Json::object({{"keys", std::move(all)}}));
}

/// A key's last token was signed when its successor took over.
std::vector<HeldKey> still_needed(const std::vector<HeldKey>& keys, Instant now) {
  std::vector<HeldKey> needed;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const bool ended =
        i + 1 < keys.size() && keys[i + 1].signs_from + base::bounds::kAccessTokenLife + kSigningKeyMargin <= now;
    if (!ended) needed.push_back(keys[i]);
  }
  return needed;
}

}  // namespace

base::Result<void> SigningKeys::load(platform::Secrets& secrets, platform::Random& random, Instant now) {
  secrets_ = &secrets;
  random_ = &random;
  const auto stored = secrets.get(kSecretName);
  if (!stored) return base::fail(stored.error());
  if (*stored) {
    auto keys = read_keys(**stored);
    if (!keys) return base::fail(keys.error());
    take(*std::move(keys));
    return {};
  }
  std::vector<HeldKey> first{{SigningKey::make(random), now, now}};
  if (auto kept = secrets.put(kSecretName, to_text(first)); !kept) return kept;
  take(std::move(first));
  return {};
}

/// A clock that was set back may leave none whose time has come: then the oldest signs.
const HeldKey& SigningKeys::signing(Instant now) const {
  OW_ASSERT(ready(), "keys are loaded before tokens are issued");
  const HeldKey* newest = &keys_.front();
  for (const auto& held : keys_) {
    if (held.signs_from <= now) newest = &held;
  }
  return *newest;
}

Json SigningKeys::jwks() const {
  Json keys = Json::array();
  for (const auto& held : keys_) keys.push_back(held.key.public_jwk());
  return Json::object({{"keys", std::move(keys)}});
}

void SigningKeys::take(std::vector<HeldKey> keys) {
  keys_ = std::move(keys);
  auto set = KeySet::parse(base::to_text(jwks()));
  OW_ASSERT(set.has_value(), "our own keys are a key set");
  verify_set_ = *std::move(set);
}

base::Task<base::Result<void>> SigningKeys::replace(platform::Executor& executor, std::vector<HeldKey> keys) {
  if (replacing_) co_return base::fail(ErrorCode::conflict, "rotation_under_way", "The keys are being changed.");
  replacing_ = true;
  base::Result<void> kept;
  const auto text = to_text(keys);
  co_await platform::offload(executor, platform::Lane::password, [&] { kept = secrets_->put(kSecretName, text); });
  replacing_ = false;
  if (kept) take(std::move(keys));
  co_return kept;
}

base::Task<base::Result<void>> SigningKeys::rotate(platform::Executor& executor, Rotation how, Instant now) {
  if (how == Rotation::at_once) {
    std::vector<HeldKey> only{{SigningKey::make(*random_), now, now}};
    co_return co_await replace(executor, std::move(only));
  }
  if (keys_.back().signs_from > now) {
    co_return base::fail(
        ErrorCode::conflict, "rotation_under_way",
        "A new key is published already and signs from " + base::to_rfc3339(keys_.back().signs_from) + ".");
  }
  auto keys = keys_;
  keys.push_back({SigningKey::make(*random_), now, now + kSigningKeyPublishedBefore});
  co_return co_await replace(executor, std::move(keys));
}

base::Task<base::Result<bool>> SigningKeys::tend(platform::Executor& executor, Instant now) {
  auto needed = still_needed(keys_, now);
  if (needed.size() < keys_.size()) {
    const auto dropped = co_await replace(executor, std::move(needed));
    if (!dropped) co_return base::fail(dropped.error());
    co_return true;
  }
  const auto& newest = keys_.back();
  if (newest.signs_from + kSigningKeyLife > now) co_return false;
  const auto begun = co_await rotate(executor, Rotation::gentle, now);
  if (!begun) co_return base::fail(begun.error());
  co_return true;
}

}  // namespace ow::identity
