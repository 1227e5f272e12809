// The signature algorithms of JSON Web Signature (RFC 7518 section 3.1, RFC 8037 section 3.1). Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ow::identity {

enum class Algorithm : std::uint8_t {
  hs256,
  hs384,
  hs512,
  rs256,
  rs384,
  rs512,
  ps256,
  ps384,
  ps512,
  es256,
  es384,
  es512,
  eddsa,
};

/// What the API and `token verify` accept; the others exist for whoever verifies other signatures.
inline constexpr std::array kTokenAlgorithms{Algorithm::rs256, Algorithm::es256, Algorithm::eddsa};

/// The registered name ("RS256"), compared case-sensitively. Nothing for any other, also for "none".
std::optional<Algorithm> algorithm_named(std::string_view name);
std::string_view name_of(Algorithm algorithm);

/// "oct", "RSA", "EC" or "OKP": the only key type the algorithm may be used with.
std::string_view key_type_of(Algorithm algorithm);

/// Bits of the digest it signs; 0 for EdDSA, which takes the message itself.
int digest_bits(Algorithm algorithm);

}  // namespace ow::identity
