// CRC-32C (Castagnoli), which guards every file of the store. Any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace ow::engine {

/// CRC-32C (RFC 3720 appendix B.4), continued from `crc`.
std::uint32_t crc32c(std::uint32_t crc, std::string_view bytes);

}  // namespace ow::engine
