// Key material that checks signatures, whatever text it came from, and what a key must be to be trusted at
// all. Immutable once made: any thread.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "identity/algorithm.h"

namespace ow::identity {

// Moduli below 2048 bits are broken or soon will be (NIST SP 800-131A); above 8192 a signature only costs.
inline constexpr int kRsaBitsMin = 2048;
inline constexpr int kRsaBitsMax = 8192;

/// One key for one algorithm (RFC 8725 section 3.1). Copies share the material.
class PublicKey {
 public:
  /// Big-endian modulus and exponent. Error malformed: size out of bounds, an exponent that is even or below
  /// 3, a modulus with the fingerprint of a broken generator (ROCA, CVE-2017-15361).
  static base::Result<PublicKey> rsa(Algorithm algorithm, std::string_view modulus, std::string_view exponent);

  /// Affine coordinates of exactly the curve's length (RFC 7518 section 6.2.1.2). Error malformed: wrong
  /// length, or the point is not on the algorithm's curve.
  static base::Result<PublicKey> elliptic(Algorithm algorithm, std::string_view x, std::string_view y);

  /// An Ed25519 public key of 32 bytes.
  static base::Result<PublicKey> ed25519(std::string_view x);

  /// A shared secret of at least the digest's length (RFC 7518 section 3.2). Error malformed when shorter.
  static base::Result<PublicKey> secret(Algorithm algorithm, std::string_view bytes);

  Algorithm algorithm() const { return algorithm_; }

  /// True when `signature` is this key's over `input`, in the form of JWS (ECDSA: r and s of fixed length).
  /// Any bytes may be given.
  bool verifies(std::string_view input, std::string_view signature) const;

 private:
  struct Material;
  PublicKey(Algorithm algorithm, std::shared_ptr<const Material> material);

  Algorithm algorithm_;
  std::shared_ptr<const Material> material_;
};

}  // namespace ow::identity
