// See key_set.h.
#include "identity/key_set.h"

#include <algorithm>
#include <optional>

#include "base/encoding.h"

namespace ow::identity {

namespace {

using base::ErrorCode;
using base::Json;

tl::unexpected<base::Error> bad_key(std::string message) {
  return base::fail(ErrorCode::malformed, "key_unusable", std::move(message));
}

bool may_verify(const Json& jwk) {
  if (const Json* use = jwk.find("use"); use != nullptr && !(use->is_string() && use->as_string() == "sig")) {
    return false;
  }
  const Json* operations = jwk.find("key_ops");
  if (operations == nullptr) return true;
  if (!operations->is_array()) return false;
  return std::any_of(operations->as_array().begin(), operations->as_array().end(),
                     [](const Json& item) { return item.is_string() && item.as_string() == "verify"; });
}

std::optional<Algorithm> algorithm_of_curve(std::string_view curve) {
  if (curve == "P-256") return Algorithm::es256;
  if (curve == "P-384") return Algorithm::es384;
  if (curve == "P-521") return Algorithm::es512;
  if (curve == "Ed25519") return Algorithm::eddsa;
  return std::nullopt;
}

base::Result<Algorithm> implied_algorithm(const Json& jwk, std::string_view type) {
  if (type == "RSA") return Algorithm::rs256;
  if (const auto implied = algorithm_of_curve(jwk.string_at("crv").value_or(""))) return *implied;
  return bad_key("the key names no algorithm");
}

base::Result<Algorithm> algorithm_of(const Json& jwk, std::string_view type) {
  const Json* name = jwk.find("alg");
  if (name == nullptr) return implied_algorithm(jwk, type);
  const auto algorithm = name->is_string() ? algorithm_named(name->as_string()) : std::nullopt;
  if (!algorithm) return bad_key("the key's algorithm is unknown");
  return *algorithm;
}

base::Result<std::string> octets(const Json& jwk, std::string_view member) {
  const auto text = jwk.string_at(member);
  auto bytes = text ? base::from_base64url(*text) : std::nullopt;
  if (!bytes) return bad_key("the key's `" + std::string(member) + "` is missing or not base64url");
  return *std::move(bytes);
}

base::Result<PublicKey> parse_rsa(const Json& jwk, Algorithm algorithm) {
  const auto modulus = octets(jwk, "n");
  if (!modulus) return base::fail(modulus.error());
  const auto exponent = octets(jwk, "e");
  if (!exponent) return base::fail(exponent.error());
  return PublicKey::rsa(algorithm, *modulus, *exponent);
}

base::Result<PublicKey> parse_elliptic(const Json& jwk, Algorithm algorithm) {
  if (algorithm_of_curve(jwk.string_at("crv").value_or("")) != algorithm) {
    return bad_key("the key's curve is not its algorithm's");
  }
  const auto x = octets(jwk, "x");
  if (!x) return base::fail(x.error());
  if (algorithm == Algorithm::eddsa) return PublicKey::ed25519(*x);
  const auto y = octets(jwk, "y");
  if (!y) return base::fail(y.error());
  return PublicKey::elliptic(algorithm, *x, *y);
}

base::Result<PublicKey> parse_secret(const Json& jwk, Algorithm algorithm) {
  const auto bytes = octets(jwk, "k");
  if (!bytes) return base::fail(bytes.error());
  return PublicKey::secret(algorithm, *bytes);
}

tl::unexpected<base::Error> bad_set(std::string message) {
  return base::fail(ErrorCode::malformed, "jwks_malformed", std::move(message));
}

bool mixes_secrets_and_public_keys(const Json::Array& keys) {
  const auto secrets =
      std::count_if(keys.begin(), keys.end(), [](const Json& key) { return key.string_at("kty") == "oct"; });
  return secrets != 0 && static_cast<std::size_t>(secrets) != keys.size();
}

}  // namespace

base::Result<PublicKey> parse_jwk(const Json& jwk) {
  const auto type = jwk.string_at("kty");
  if (!type) return bad_key("the key has no type (`kty`)");
  if (!may_verify(jwk)) return bad_key("the key is not for verifying signatures (`use`, `key_ops`)");
  const auto algorithm = algorithm_of(jwk, *type);
  if (!algorithm) return base::fail(algorithm.error());
  if (key_type_of(*algorithm) != *type) return bad_key("the key's type is not its algorithm's");
  if (*type == "RSA") return parse_rsa(jwk, *algorithm);
  if (*type == "oct") return parse_secret(jwk, *algorithm);
  return parse_elliptic(jwk, *algorithm);
}

base::Result<KeySet> KeySet::parse(std::string_view text) {
  if (text.size() > kKeySetBytesMax) return bad_set("The key set is too large.");
  const auto json = base::parse_json(text);
  if (!json) return bad_set("The key set is not JSON: " + json.error().message);
  const Json* keys = json->find("keys");
  if (keys == nullptr || !keys->is_array()) return bad_set("The key set has no array `keys`.");
  if (keys->as_array().size() > kKeysMax) return bad_set("The key set has too many keys.");
  if (mixes_secrets_and_public_keys(keys->as_array())) {
    return base::fail(ErrorCode::unprocessable, "jwks_refused", "The key set holds secrets beside public keys.");
  }
  KeySet set;
  for (const Json& jwk : keys->as_array()) {
    if (const auto kid = jwk.string_at("kid")) set.add(std::string(*kid), parse_jwk(jwk));
  }
  return set;
}

void KeySet::add(const std::string& kid, base::Result<PublicKey> key) {
  const auto [place, added] = keys_.emplace(kid, std::move(key));
  if (!added) place->second = bad_key("two keys of the set share this `kid`");
}

base::Result<const PublicKey*> KeySet::find(std::string_view kid) const {
  const auto place = keys_.find(kid);
  if (place == keys_.end()) {
    return base::fail(ErrorCode::unauthenticated, "unknown_kid", "The token's key (`kid`) is unknown.");
  }
  if (!place->second) {
    return base::fail(ErrorCode::unauthenticated, "key_unusable",
                      "The token's key cannot be used: " + place->second.error().message + ".");
  }
  return &*place->second;
}

}  // namespace ow::identity
