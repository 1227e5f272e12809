// See log_reader.h.
#include "engine/rocks/log_reader.h"

#include <algorithm>

#include "engine/crc32c.h"

namespace ow::engine {
namespace {

constexpr std::size_t kSector = 512;
enum RecordType : std::uint8_t { kZero = 0, kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

bool checks(std::string_view type_and_payload, std::uint32_t stored) {
  const std::uint32_t crc = crc32c(0, type_and_payload);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8U == stored;
}

bool all_zero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char byte) { return byte == 0; });
}

}  // namespace

std::optional<LogReader::Group> LogReader::next() {
  std::optional<Group> group;
  while (true) {
    skip_padding();
    if (broken_) return std::nullopt;
    if (at_ >= file_.size()) return group ? stop(true) : std::optional<Group>();
    const auto piece = piece_at(at_);
    if (!piece) return stop(torn_at(at_));
    if (piece->type > kLast || piece->starts_group == group.has_value()) return stop(false);
    if (piece->starts_group) group = Group{at_, {}};
    group->payload.append(piece->payload);
    at_ += kHeader + piece->payload.size();
    if (piece->type == kFull || piece->type == kLast) {
      keep_ = at_;
      return group;
    }
  }
}

std::optional<LogReader::Piece> LogReader::piece_at(std::uint64_t at) const {
  const std::size_t room = std::min<std::size_t>(kBlock - at % kBlock, file_.size() - at);
  if (room < kHeader) return std::nullopt;
  const std::string_view bytes = file_.substr(at, room);
  const auto length = little_endian<std::uint16_t>(bytes.substr(4));
  const auto type = static_cast<std::uint8_t>(bytes[6]);
  if (kHeader + length > room || type == kZero) return std::nullopt;
  if (!checks(bytes.substr(6, 1 + length), little_endian<std::uint32_t>(bytes))) return std::nullopt;
  return Piece{type == kFull || type == kFirst, bytes.substr(kHeader, length), type};
}

std::nullopt_t LogReader::stop(bool torn) {
  broken_ = Break{at_, keep_, torn};
  return std::nullopt;
}

void LogReader::skip_padding() {
  const std::size_t left = kBlock - at_ % kBlock;
  if (left >= kHeader) return;
  const std::size_t here = std::min<std::size_t>(left, file_.size() - at_);
  if (all_zero(file_.substr(at_, here))) {
    at_ += here;
  } else {
    stop(false);
  }
}

/// Whether the bytes from `at` look like a write that power or space ended: the file stops short, or a sector
/// never arrived. A length that only pretends to pass the end is a damaged byte.
bool LogReader::torn_at(std::uint64_t at) const {
  const std::string_view rest = file_.substr(at);
  if (rest.size() < kHeader) return true;
  const std::size_t length = little_endian<std::uint16_t>(rest.substr(4));
  if (kHeader + length > rest.size()) return !checks(rest.substr(6), little_endian<std::uint32_t>(rest));
  return has_empty_sector(at, std::min<std::size_t>(kHeader + length, kBlock - at % kBlock));
}

bool LogReader::has_empty_sector(std::uint64_t at, std::size_t length) const {
  for (std::uint64_t from = at; from < at + length;) {
    const std::uint64_t to = std::min<std::uint64_t>((from / kSector + 1) * kSector, at + length);
    if (all_zero(file_.substr(from, to - from))) return true;
    from = to;
  }
  return false;
}

}  // namespace ow::engine
