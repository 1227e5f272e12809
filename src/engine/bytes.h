// Compact bytes: variable-length numbers and length-prefixed texts in values, big-endian numbers in keys so
// that the order of bytes is the order of numbers. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ow::engine {

/// LEB128: 7 bits a byte, least significant first.
inline void put_number(std::string& out, std::uint64_t number) {
  while (number >= 0x80) {
    out += static_cast<char>(number | 0x80);
    number >>= 7;
  }
  out += static_cast<char>(number);
}

/// Small magnitudes of either sign stay short.
inline void put_signed(std::string& out, std::int64_t number) {
  const auto bits = static_cast<std::uint64_t>(number);
  put_number(out, (bits << 1) ^ static_cast<std::uint64_t>(number >> 63));
}

inline void put_text(std::string& out, std::string_view text) {
  put_number(out, text.size());
  out += text;
}

/// `width` bytes, most significant first.
inline void put_ordered(std::string& out, std::uint64_t number, int width) {
  for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
}

/// Reads what put_* wrote. After a read past the end everything is 0 or empty and `ok` is false.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t number();
  std::int64_t signed_number() {
    const std::uint64_t bits = number();
    return static_cast<std::int64_t>((bits >> 1) ^ (~(bits & 1) + 1));
  }
  std::string_view text() { return take(number()); }
  std::uint64_t ordered(int width);
  std::string_view take(std::uint64_t size);
  /// Everything up to the next zero byte, which is skipped.
  std::string_view until_zero();
  std::string_view rest() { return take(rest_.size()); }
  bool at_end() const { return rest_.empty(); }
  bool ok() const { return ok_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace ow::engine
