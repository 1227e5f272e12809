// The built-in issuer's signing key: Ed25519 (RFC 8037), which signs deterministically and is made from 32
// random bytes; docs/decisions/0006 says why. Immutable: any thread.
#pragma once

#include <memory>
#include <string>

#include "base/json.h"
#include "base/result.h"
#include "platform/random.h"

namespace ow::identity {

class SigningKey {
 public:
  static SigningKey make(platform::Random& random);
  /// From private_jwk(). Error malformed for anything else.
  static base::Result<SigningKey> from_private_jwk(const base::Json& jwk);

  /// Holds the secret: for the Secrets port only.
  base::Json private_jwk() const;
  /// As served: kty, crv, x, use, alg, kid.
  base::Json public_jwk() const;
  /// The key's RFC 7638 thumbprint.
  const std::string& kid() const { return kid_; }

  /// A compact JWS over the claims.
  std::string sign(const base::Json& claims) const;

 private:
  struct Material;
  explicit SigningKey(std::shared_ptr<const Material> material);
  static base::Result<SigningKey> from_seed(const std::string& seed);

  std::shared_ptr<const Material> material_;
  std::string kid_;
  std::string header_;  // base64url, the same for every token
};

}  // namespace ow::identity
