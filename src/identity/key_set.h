// JSON Web Keys and sets of them (RFC 7517), read for verifying signatures. Immutable: any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "identity/public_key.h"

namespace ow::identity {

inline constexpr std::size_t kKeySetBytesMax = 256 << 10;
inline constexpr std::size_t kKeysMax = 100;

/// Reads one JWK for verifying. Its algorithm is its `alg`; without one, what the key type leaves open: the
/// curve's own for EC and Ed25519, RS256 for RSA (as issuers that leave it out mean), nothing for a secret.
/// Error malformed naming why: not for signatures (`use`, `key_ops`), an unknown algorithm, type or curve, a
/// contradiction between them, or material that PublicKey refuses. Private members are ignored.
base::Result<PublicKey> parse_jwk(const base::Json& jwk);

class KeySet {
 public:
  /// Reads `{"keys": [...]}`. A key that cannot be used stays known by its `kid`, so that find() can say why;
  /// keys without a `kid` are passed over. Error malformed: not such a JSON object, or too large;
  /// unprocessable: secrets beside public keys, which invites taking a public key for a secret.
  static base::Result<KeySet> parse(std::string_view text);

  /// The key of that `kid`. Error unauthenticated: `unknown_kid`, or `key_unusable` with the reason, also
  /// when two keys share the `kid`. The pointer lives as long as the set.
  base::Result<const PublicKey*> find(std::string_view kid) const;

 private:
  void add(const std::string& kid, base::Result<PublicKey> key);

  std::map<std::string, base::Result<PublicKey>, std::less<>> keys_;
};

}  // namespace ow::identity
