// Signs tokens as an issuer would, and as an attacker might: any header, any claims, any text.
#pragma once

#include <memory>
#include <string>

#include "base/json.h"
#include "identity/algorithm.h"

namespace ow::identity {

/// A key pair of RS256, ES256 or EdDSA.
class TokenMaker {
 public:
  explicit TokenMaker(Algorithm algorithm, std::string kid = "test-key");

  base::Json jwk() const;
  std::string jwks() const;
  /// Header {alg, kid} and these claims.
  std::string sign(const base::Json& claims) const;
  std::string sign_text(const std::string& header, const std::string& payload) const;

 private:
  std::string signature_of(const std::string& input) const;

  Algorithm algorithm_;
  std::string kid_;
  std::shared_ptr<void> key_;
};

/// Made once, as making an RSA key takes long under a sanitizer.
const TokenMaker& rsa_maker();
const TokenMaker& elliptic_maker();
const TokenMaker& ed25519_maker();

}  // namespace ow::identity
