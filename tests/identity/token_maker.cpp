// See token_maker.h.
#include "token_maker.h"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include "base/assert.h"
#include "base/encoding.h"
#include "identity/openssl_handles.h"

namespace ow::identity {

namespace {

using base::Json;

EVP_PKEY* generate(Algorithm algorithm) {
  if (algorithm == Algorithm::rs256) return EVP_RSA_gen(2048);
  if (algorithm == Algorithm::es256) return EVP_EC_gen("P-256");
  return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
}

EVP_PKEY* pkey(const std::shared_ptr<void>& key) { return static_cast<EVP_PKEY*>(key.get()); }

std::string number_at(EVP_PKEY* key, const char* name, int length = 0) {
  BIGNUM* number = nullptr;
  OW_ASSERT(EVP_PKEY_get_bn_param(key, name, &number) == 1, "the key has the number");
  const BigNumberHandle owned(number);
  std::string bytes(static_cast<std::size_t>(length != 0 ? length : BN_num_bytes(number)), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  return base::to_base64url(bytes);
}

std::string raw_public(EVP_PKEY* key) {
  std::string bytes(32, '\0');
  std::size_t length = bytes.size();
  EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(bytes.data()), &length);
  return base::to_base64url(bytes);
}

/// DER to r and s of 32 bytes each.
std::string to_fixed(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const EcdsaSignatureHandle pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  std::string fixed(64, '\0');
  auto* out = reinterpret_cast<unsigned char*>(fixed.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out, 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), out + 32, 32);
  return fixed;
}

}  // namespace

TokenMaker::TokenMaker(Algorithm algorithm, std::string kid)
    : algorithm_(algorithm),
      kid_(std::move(kid)),
      key_(generate(algorithm), [](void* key) { EVP_PKEY_free(static_cast<EVP_PKEY*>(key)); }) {}

Json TokenMaker::jwk() const {
  Json jwk = Json::object({{"kid", kid_},
                           {"use", "sig"},
                           {"alg", std::string(name_of(algorithm_))},
                           {"kty", std::string(key_type_of(algorithm_))}});
  if (algorithm_ == Algorithm::rs256) {
    jwk.set("n", number_at(pkey(key_), OSSL_PKEY_PARAM_RSA_N));
    jwk.set("e", number_at(pkey(key_), OSSL_PKEY_PARAM_RSA_E));
  } else if (algorithm_ == Algorithm::es256) {
    jwk.set("crv", "P-256");
    jwk.set("x", number_at(pkey(key_), OSSL_PKEY_PARAM_EC_PUB_X, 32));
    jwk.set("y", number_at(pkey(key_), OSSL_PKEY_PARAM_EC_PUB_Y, 32));
  } else {
    jwk.set("crv", "Ed25519");
    jwk.set("x", raw_public(pkey(key_)));
  }
  return jwk;
}

std::string TokenMaker::jwks() const { return base::to_text(Json::object({{"keys", Json::array({jwk()})}})); }

std::string TokenMaker::sign(const Json& claims) const {
  const Json header = Json::object({{"alg", std::string(name_of(algorithm_))}, {"kid", kid_}});
  return sign_text(base::to_text(header), base::to_text(claims));
}

std::string TokenMaker::sign_text(const std::string& header, const std::string& payload) const {
  const std::string input = base::to_base64url(header) + "." + base::to_base64url(payload);
  return input + "." + base::to_base64url(signature_of(input));
}

std::string TokenMaker::signature_of(const std::string& input) const {
  const DigestContextHandle context(EVP_MD_CTX_new());
  const EVP_MD* digest = algorithm_ == Algorithm::eddsa ? nullptr : EVP_sha256();
  std::string signature(512, '\0');
  std::size_t length = signature.size();
  const bool done = EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, pkey(key_)) == 1 &&
                    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                                   reinterpret_cast<const unsigned char*>(input.data()), input.size()) == 1;
  OW_ASSERT(done, "the key signs");
  signature.resize(length);
  return algorithm_ == Algorithm::es256 ? to_fixed(signature) : signature;
}

const TokenMaker& rsa_maker() {
  static const TokenMaker maker(Algorithm::rs256);
  return maker;
}

const TokenMaker& elliptic_maker() {
  static const TokenMaker maker(Algorithm::es256);
  return maker;
}

const TokenMaker& ed25519_maker() {
  static const TokenMaker maker(Algorithm::eddsa);
  return maker;
}

}  // namespace ow::identity
