// See encoding.h. OpenSSL is seen by this file alone.
#include "base/encoding.h"

#include <cstring>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/assert.h"

namespace ow::base {
namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const unsigned char* octets(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

const EVP_MD* sha256_algorithm() {
  // Fetched once: OpenSSL 3 otherwise looks the algorithm up again for each digest.
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  OW_ASSERT(algorithm != nullptr, "OpenSSL knows SHA-256");
  return algorithm;
}

std::string encode_base64(std::string_view bytes, std::string_view alphabet) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  unsigned pending = 0;
  int bits = 0;
  for (const char byte : bytes) {
    pending = (pending << 8 | static_cast<unsigned char>(byte)) & 0xFFFF;
    for (bits += 8; bits >= 6; bits -= 6) out += alphabet[pending >> (bits - 6) & 0x3F];
  }
  if (bits > 0) out += alphabet[pending << (6 - bits) & 0x3F];
  return out;
}

using Values = std::array<std::int8_t, 256>;

constexpr Values values_of(std::string_view alphabet) {
  Values values{};
  for (auto& value : values) value = -1;
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}

std::optional<std::string> decode_base64(std::string_view text, const Values& values) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  unsigned pending = 0;
  int bits = 0;
  for (const char symbol : text) {
    const int value = values[static_cast<unsigned char>(symbol)];
    if (value < 0) return std::nullopt;
    pending = (pending << 6 | static_cast<unsigned>(value)) & 0xFFFF;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out += static_cast<char>(pending >> bits & 0xFF);
  }
  if ((pending & ((1U << bits) - 1)) != 0) return std::nullopt;
  return out;
}

/// Length of the well-formed sequence at the front (RFC 3629 section 4), 0 when there is none.
std::size_t sequence_length(const unsigned char* at, std::size_t left) {
  const auto tail = [&](std::size_t i, unsigned char low = 0x80, unsigned char high = 0xBF) {
    return i < left && at[i] >= low && at[i] <= high;
  };
  const unsigned char first = at[0];
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned char low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned char high = first == 0xED ? 0x9F : 0xBF;  // no surrogates
    return tail(1, low, high) && tail(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned char low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = first == 0xF4 ? 0x8F : 0xBF;  // up to U+10FFFF
    return tail(1, low, high) && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

/// Bytes at the front that are ASCII, in steps of eight.
std::size_t ascii_prefix(const unsigned char* at, std::size_t left) {
  std::size_t length = 0;
  for (std::uint64_t word = 0; length + sizeof word <= left; length += sizeof word) {
    std::memcpy(&word, at + length, sizeof word);
    if ((word & 0x8080808080808080U) != 0) break;
  }
  return length;
}

}  // namespace

Sha256 sha256(std::string_view bytes) {
  Sha256 digest{};
  const int done = EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, sha256_algorithm(), nullptr);
  OW_ASSERT(done == 1, "SHA-256 does not fail");
  return digest;
}

std::array<std::uint8_t, 32> hmac_sha256(std::string_view key, std::string_view bytes) {
  std::array<std::uint8_t, 32> code{};
  const auto* done = HMAC(sha256_algorithm(), key.data(), static_cast<int>(key.size()), octets(bytes), bytes.size(),
                          code.data(), nullptr);
  OW_ASSERT(done != nullptr, "HMAC does not fail");
  return code;
}

std::optional<std::string> digest(std::string_view algorithm, std::string_view bytes) {
  using Algorithm = const EVP_MD* (*)();
  static constexpr std::pair<std::string_view, Algorithm> kAlgorithms[] = {
      {"MD5", EVP_md5}, {"SHA-1", EVP_sha1}, {"SHA-256", EVP_sha256}, {"SHA-384", EVP_sha384}, {"SHA-512", EVP_sha512}};
  for (const auto& [name, make] : kAlgorithms) {
    if (name != algorithm) continue;
    std::string out(EVP_MAX_MD_SIZE, '\0');
    unsigned size = 0;
    auto* const to = reinterpret_cast<unsigned char*>(out.data());
    if (EVP_Digest(bytes.data(), bytes.size(), to, &size, make(), nullptr) != 1) return std::nullopt;
    out.resize(size);
    return out;
  }
  return std::nullopt;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    out += kDigits[static_cast<unsigned char>(byte) >> 4];
    out += kDigits[static_cast<unsigned char>(byte) & 0xF];
  }
  return out;
}

std::string to_hex(const Sha256& digest) {
  return to_hex(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

std::string to_base64url(std::string_view bytes) { return encode_base64(bytes, kUrl); }

std::optional<std::string> from_base64url(std::string_view text) {
  static constexpr Values kValues = values_of(kUrl);
  return decode_base64(text, kValues);
}

std::string to_base64(std::string_view bytes) {
  std::string out = encode_base64(bytes, kStandard);
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  static constexpr Values kValues = values_of(kStandard);
  if (text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return decode_base64(text, kValues);
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kUnreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 0xF];
  }
  return out;
}

bool equal_constant_time(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

bool is_utf8(std::string_view text) {
  const unsigned char* const start = octets(text);
  for (std::size_t at = 0; at < text.size();) {
    at += ascii_prefix(start + at, text.size() - at);
    if (at == text.size()) return true;
    const std::size_t length = sequence_length(start + at, text.size() - at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

}  // namespace ow::base
