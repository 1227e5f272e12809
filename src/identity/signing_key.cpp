// See signing_key.h.
#include "identity/signing_key.h"

#include <array>

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "base/assert.h"
#include "base/encoding.h"
#include "identity/openssl_handles.h"

namespace ow::identity {

using base::Json;

struct SigningKey::Material {
  PkeyHandle key;
  std::string seed;      // RFC 8032's private key
  std::string public_x;  // base64url

  ~Material() { OPENSSL_cleanse(seed.data(), seed.size()); }
};

namespace {

constexpr std::size_t kSeedBytes = 32;
constexpr std::size_t kSignatureBytes = 64;

const unsigned char* bytes_of(const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string public_bytes(const EVP_PKEY* key) {
  std::string bytes(kSeedBytes, '\0');
  std::size_t length = bytes.size();
  const int done = EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(bytes.data()), &length);
  OW_ASSERT(done == 1 && length == bytes.size(), "an Ed25519 key has a public half");
  return bytes;
}

std::string thumbprint(const std::string& public_x) {
  const auto members = Json::object({{"crv", "Ed25519"}, {"kty", "OKP"}, {"x", public_x}});
  const base::Sha256 digest = base::sha256(base::to_text(members));
  return base::to_base64url({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace

SigningKey::SigningKey(std::shared_ptr<const Material> material)
    : material_(std::move(material)), kid_(thumbprint(material_->public_x)) {
  header_ = base::to_base64url(base::to_text(Json::object({{"alg", "EdDSA"}, {"kid", kid_}, {"typ", "JWT"}})));
}

base::Result<SigningKey> SigningKey::from_seed(const std::string& seed) {
  PkeyHandle key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(seed), seed.size()));
  if (key == nullptr) {
    ERR_clear_error();
    return base::fail(base::ErrorCode::malformed, "key_unusable", "The signing key is no Ed25519 key.");
  }
  std::string public_x = base::to_base64url(public_bytes(key.get()));
  return SigningKey(std::shared_ptr<const Material>(new Material{std::move(key), seed, std::move(public_x)}));
}

SigningKey SigningKey::make(platform::Random& random) {
  std::string seed(kSeedBytes, '\0');
  random.fill({reinterpret_cast<std::uint8_t*>(seed.data()), seed.size()});
  auto key = from_seed(seed);
  OPENSSL_cleanse(seed.data(), seed.size());
  OW_ASSERT(key.has_value(), "any 32 bytes are an Ed25519 key");
  return *std::move(key);
}

base::Result<SigningKey> SigningKey::from_private_jwk(const Json& jwk) {
  if (jwk.string_at("kty") != "OKP" || jwk.string_at("crv") != "Ed25519") return from_seed({});
  return from_seed(base::from_base64url(jwk.string_at("d").value_or("")).value_or(""));
}

Json SigningKey::private_jwk() const {
  Json jwk = public_jwk();
  jwk.set("d", base::to_base64url(material_->seed));
  return jwk;
}

Json SigningKey::public_jwk() const {
  return Json::object({{"kty", "OKP"},
                       {"crv", "Ed25519"},
                       {"x", material_->public_x},
                       {"use", "sig"},
                       {"alg", "EdDSA"},
                       {"kid", kid_}});
}

std::string SigningKey::sign(const Json& claims) const {
  std::string token = header_ + "." + base::to_base64url(base::to_text(claims));
  std::array<unsigned char, kSignatureBytes> signature{};
  std::size_t length = signature.size();
  const DigestContextHandle context(EVP_MD_CTX_new());
  const bool done = EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, material_->key.get()) == 1 &&
                    EVP_DigestSign(context.get(), signature.data(), &length, bytes_of(token), token.size()) == 1;
  OW_ASSERT(done && length == signature.size(), "an Ed25519 key signs");
  return token + "." + base::to_base64url({reinterpret_cast<const char*>(signature.data()), length});
}

}  // namespace ow::identity
