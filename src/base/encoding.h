// Bytes to text and back, and digests (OpenSSL inside encoding.cpp only). Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ow::base {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::string_view bytes);
std::array<std::uint8_t, 32> hmac_sha256(std::string_view key, std::string_view bytes);

/// The digest in bytes by its name MD5, SHA-1, SHA-256, SHA-384 or SHA-512; nothing for another name.
std::optional<std::string> digest(std::string_view algorithm, std::string_view bytes);

std::string to_hex(std::string_view bytes);
std::string to_hex(const Sha256& digest);

/// RFC 4648 section 5, no padding. Decoding refuses padding, other alphabets, white space and non-zero
/// trailing bits.
std::string to_base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);
/// RFC 4648 section 4, padded.
std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

/// Everything but unreserved characters as %XX (RFC 3986 section 2.3).
std::string percent_encode(std::string_view text);

/// True when equal; time depends on the lengths only.
bool equal_constant_time(std::string_view left, std::string_view right);

/// True when `text` is well-formed UTF-8 (RFC 3629).
bool is_utf8(std::string_view text);

}  // namespace ow::base
