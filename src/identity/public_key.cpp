// See public_key.h. OpenSSL 3 does the arithmetic; its error queue is left empty, since other code of the
// thread (TLS) reads it.
#include "identity/public_key.h"

#include <array>
#include <string>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include "base/assert.h"
#include "identity/openssl_handles.h"
#include "identity/roca.h"

namespace ow::identity {

struct PublicKey::Material {
  PkeyHandle key;      // asymmetric
  std::string secret;  // HMAC
};

namespace {

constexpr std::size_t kExponentBytesMax = 8;

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

const EVP_MD* digest_of(Algorithm algorithm) {
  switch (digest_bits(algorithm)) {
    case 256:
      return EVP_sha256();
    case 384:
      return EVP_sha384();
    case 512:
      return EVP_sha512();
    default:
      return nullptr;
  }
}

bool is_pss(Algorithm algorithm) {
  return algorithm == Algorithm::ps256 || algorithm == Algorithm::ps384 || algorithm == Algorithm::ps512;
}

struct Curve {
  const char* name;
  std::size_t coordinate_bytes;
};

Curve curve_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::es256:
      return {"P-256", 32};
    case Algorithm::es384:
      return {"P-384", 48};
    default:
      return {"P-521", 66};
  }
}

BigNumberHandle to_number(std::string_view big_endian) {
  return BigNumberHandle(BN_bin2bn(bytes_of(big_endian), static_cast<int>(big_endian.size()), nullptr));
}

tl::unexpected<base::Error> unusable_key(std::string message) {
  ERR_clear_error();
  return base::fail(base::ErrorCode::malformed, "key_unusable", std::move(message));
}

PkeyHandle build_key(const char* type, OSSL_PARAM_BLD* builder) {
  const ParamsHandle params(OSSL_PARAM_BLD_to_param(builder));
  const PkeyContextHandle context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (params == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  return PkeyHandle(key);
}

bool is_sound(EVP_PKEY* key) {
  const PkeyContextHandle context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  return context != nullptr && EVP_PKEY_public_check(context.get()) == 1;
}

/// r and s of fixed length to the DER form that OpenSSL verifies; empty when the length is wrong.
std::string to_der_signature(std::string_view fixed, std::size_t coordinate_bytes) {
  if (fixed.size() != 2 * coordinate_bytes) return {};
  BigNumberHandle r = to_number(fixed.substr(0, coordinate_bytes));
  BigNumberHandle s = to_number(fixed.substr(coordinate_bytes));
  const EcdsaSignatureHandle pair(ECDSA_SIG_new());
  OW_ASSERT(r && s && pair, "memory for a signature");
  ECDSA_SIG_set0(pair.get(), r.release(), s.release());
  std::array<unsigned char, 160> der{};
  OW_ASSERT(i2d_ECDSA_SIG(pair.get(), nullptr) <= static_cast<int>(der.size()), "a P-521 signature fits");
  unsigned char* end = der.data();
  const int length = i2d_ECDSA_SIG(pair.get(), &end);
  return {reinterpret_cast<const char*>(der.data()), static_cast<std::size_t>(length)};
}

bool verify_asymmetric(EVP_PKEY* key, Algorithm algorithm, std::string_view input, std::string_view signature) {
  const DigestContextHandle context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;  // owned by `context`
  bool good =
      context != nullptr && EVP_DigestVerifyInit(context.get(), &parameters, digest_of(algorithm), nullptr, key) == 1;
  if (good && is_pss(algorithm)) {
    good = EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  good = good &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(input), input.size()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

bool verify_secret(const std::string& secret, Algorithm algorithm, std::string_view input, std::string_view signature) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> tag{};
  unsigned int length = 0;
  const bool made = HMAC(digest_of(algorithm), secret.data(), static_cast<int>(secret.size()), bytes_of(input),
                         input.size(), tag.data(), &length) != nullptr;
  return made && signature.size() == length && CRYPTO_memcmp(tag.data(), signature.data(), length) == 0;
}

}  // namespace

PublicKey::PublicKey(Algorithm algorithm, std::shared_ptr<const Material> material)
    : algorithm_(algorithm), material_(std::move(material)) {}

base::Result<PublicKey> PublicKey::rsa(Algorithm algorithm, std::string_view modulus, std::string_view exponent) {
  OW_ASSERT(key_type_of(algorithm) == "RSA", "an RSA algorithm");
  if (modulus.size() > kRsaBitsMax / 8 || exponent.empty() || exponent.size() > kExponentBytesMax) {
    return unusable_key("the RSA modulus is over 8192 bits, or the exponent is missing or over 64 bits");
  }
  const BigNumberHandle n = to_number(modulus);
  const BigNumberHandle e = to_number(exponent);
  if (BN_num_bits(n.get()) < kRsaBitsMin) return unusable_key("the RSA modulus is under 2048 bits");
  if (!BN_is_odd(n.get())) return unusable_key("the RSA modulus is even");
  if (!BN_is_odd(e.get()) || BN_is_one(e.get())) return unusable_key("the RSA exponent is even or 1");
  if (has_roca_fingerprint(modulus)) return unusable_key("the RSA key was made by a broken generator (CVE-2017-15361)");
  const ParamBuilderHandle builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  PkeyHandle key = build_key("RSA", builder.get());
  if (key == nullptr) return unusable_key("the RSA key cannot be used");
  return PublicKey(algorithm, std::make_shared<const Material>(Material{std::move(key), {}}));
}

base::Result<PublicKey> PublicKey::elliptic(Algorithm algorithm, std::string_view x, std::string_view y) {
  OW_ASSERT(key_type_of(algorithm) == "EC", "an elliptic curve algorithm");
  const Curve curve = curve_of(algorithm);
  if (x.size() != curve.coordinate_bytes || y.size() != curve.coordinate_bytes) {
    return unusable_key("the coordinates do not have the curve's length");
  }
  std::string point = "\x04";  // uncompressed (SEC 1 section 2.3.3)
  point.append(x).append(y);
  const ParamBuilderHandle builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.name, 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  PkeyHandle key = build_key("EC", builder.get());
  if (key == nullptr || !is_sound(key.get())) return unusable_key("the point is not on the curve");
  return PublicKey(algorithm, std::make_shared<const Material>(Material{std::move(key), {}}));
}

base::Result<PublicKey> PublicKey::ed25519(std::string_view x) {
  PkeyHandle key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(x), x.size()));
  if (key == nullptr) return unusable_key("an Ed25519 key has 32 bytes");
  return PublicKey(Algorithm::eddsa, std::make_shared<const Material>(Material{std::move(key), {}}));
}

base::Result<PublicKey> PublicKey::secret(Algorithm algorithm, std::string_view bytes) {
  OW_ASSERT(key_type_of(algorithm) == "oct", "an HMAC algorithm");
  if (bytes.size() * 8 < static_cast<std::size_t>(digest_bits(algorithm))) {
    return unusable_key("the secret is shorter than the digest");
  }
  return PublicKey(algorithm, std::make_shared<const Material>(Material{nullptr, std::string(bytes)}));
}

bool PublicKey::verifies(std::string_view input, std::string_view signature) const {
  const std::string_view type = key_type_of(algorithm_);
  if (type == "oct") return verify_secret(material_->secret, algorithm_, input, signature);
  if (type != "EC") return verify_asymmetric(material_->key.get(), algorithm_, input, signature);
  const std::string der = to_der_signature(signature, curve_of(algorithm_).coordinate_bytes);
  return !der.empty() && verify_asymmetric(material_->key.get(), algorithm_, input, der);
}

}  // namespace ow::identity
