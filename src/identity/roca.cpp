// See roca.h.
#include "identity/roca.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace ow::identity {

namespace {

constexpr std::array<std::uint32_t, 38> kSmallPrimes{3,   5,   7,   11,  13,  17,  19,  23,  29,  31,  37,  41,  43,
                                                     47,  53,  59,  61,  67,  71,  73,  79,  83,  89,  97,  101, 103,
                                                     107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};

std::uint32_t remainder(std::string_view number, std::uint32_t divisor) {
  std::uint32_t rest = 0;
  for (const char digit : number) rest = (rest * 256 + static_cast<std::uint8_t>(digit)) % divisor;
  return rest;
}

bool is_power_of_65537(std::uint32_t residue, std::uint32_t prime) {
  std::uint32_t power = 1;
  do {
    if (power == residue) return true;
    power = power * (65537 % prime) % prime;
  } while (power != 1);
  return false;
}

}  // namespace

bool has_roca_fingerprint(std::string_view modulus) {
  return std::all_of(kSmallPrimes.begin(), kSmallPrimes.end(),
                     [modulus](std::uint32_t prime) { return is_power_of_65537(remainder(modulus, prime), prime); });
}

}  // namespace ow::identity
