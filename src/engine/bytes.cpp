// See bytes.h.
#include "engine/bytes.h"

namespace ow::engine {

std::uint64_t ByteReader::number() {
  std::uint64_t number = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (rest_.empty()) break;
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    number |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) return number;
  }
  ok_ = false;
  rest_ = {};
  return 0;
}

std::uint64_t ByteReader::ordered(int width) {
  std::uint64_t number = 0;
  for (const char byte : take(static_cast<std::uint64_t>(width))) {
    number = number << 8 | static_cast<unsigned char>(byte);
  }
  return number;
}

std::string_view ByteReader::take(std::uint64_t size) {
  if (size > rest_.size()) {
    ok_ = false;
    rest_ = {};
    return {};
  }
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

std::string_view ByteReader::until_zero() {
  const std::size_t at = rest_.find('\0');
  if (at == std::string_view::npos) {
    ok_ = false;
    rest_ = {};
    return {};
  }
  const std::string_view taken = rest_.substr(0, at);
  rest_.remove_prefix(at + 1);
  return taken;
}

}  // namespace ow::engine
