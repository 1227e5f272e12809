// Reads RocksDB's log files (write-ahead logs and manifest) as bytes. Format: RocksDB wiki "Write Ahead Log
// File Format": blocks of 32 KiB, records of masked CRC-32C (4), length (2), type (1), payload; a record that
// does not fit its block goes on in the next. Plain data, any thread.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace ow::engine {

template <typename T>
T little_endian(std::string_view bytes) {
  static_assert(std::endian::native == std::endian::little);
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

class LogReader {
 public:
  static constexpr std::size_t kBlock = 32 << 10;
  static constexpr std::size_t kHeader = 7;

  /// One whole record: its pieces joined.
  struct Group {
    std::uint64_t offset = 0;
    std::string payload;
  };

  /// A part of a record as it lies in the file.
  struct Piece {
    bool starts_group = false;
    std::string_view payload;
    std::uint8_t type = 0;
  };

  /// Why reading stopped before the end of a file.
  struct Break {
    std::uint64_t offset = 0;  // of the piece that cannot be read
    std::uint64_t keep = 0;    // where the last whole group ends
    bool torn = false;         // as an interrupted write leaves it; else a damaged byte
  };

  explicit LogReader(std::string_view file) : file_(file) {}

  /// The next whole group; nothing at the end or at a break.
  std::optional<Group> next();
  const std::optional<Break>& broken() const { return broken_; }
  /// Where the last whole group ends.
  std::uint64_t end() const { return keep_; }

  /// The piece at any offset when it is there and its sum is right.
  std::optional<Piece> piece_at(std::uint64_t at) const;

 private:
  std::nullopt_t stop(bool torn);
  void skip_padding();
  bool torn_at(std::uint64_t at) const;
  bool has_empty_sector(std::uint64_t at, std::size_t length) const;

  std::string_view file_;
  std::uint64_t at_ = 0;
  std::uint64_t keep_ = 0;
  std::optional<Break> broken_;
};

}  // namespace ow::engine
