// Detection of RSA moduli made by a broken generator. Any thread.
#pragma once

#include <string_view>

namespace ow::identity {

/// True when the big-endian modulus has the structure that "The Return of Coppersmith's Attack" (Nemec et
/// al., CCS 2017; CVE-2017-15361) factors: modulo every small prime it is a power of 65537. A sound modulus
/// looks so by chance in fewer than one of 2^25 cases.
bool has_roca_fingerprint(std::string_view modulus);

}  // namespace ow::identity
