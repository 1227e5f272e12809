// See record.h.
#include "engine/journal/record.h"

#include <bit>
#include <cstring>
#include <limits>

#include "base/assert.h"
#include "engine/bytes.h"
#include "engine/crc32c.h"

namespace ow::engine::journal {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kMagic = "OWJOURNL";
constexpr std::size_t kHeadBytes = 24;  // magic (8), CRC-32C (4), format (4), first number (8)
constexpr std::size_t kSumAt = 4;
constexpr std::size_t kSumEnd = 8;

enum Mark : char { kErase = 0, kPut = 1, kRange = 2 };

template <typename Number>
void put_fixed(std::string& out, Number number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

template <typename Number>
Number fixed_at(std::string_view bytes, std::size_t at) {
  Number number = 0;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

std::uint32_t sum_of(std::string_view record) {
  return crc32c(crc32c(0, record.substr(0, kSumAt)), record.substr(kSumEnd));
}

}  // namespace

void put_record(std::string& out, const Record& record) {
  OW_ASSERT(record.payload.size() <= std::numeric_limits<std::uint32_t>::max(), "a batch is bounded");
  const std::size_t begin = out.size();
  put_fixed(out, static_cast<std::uint32_t>(record.payload.size()));
  put_fixed(out, std::uint32_t{0});
  put_fixed(out, record.number);
  put_fixed(out, record.synced);
  out += record.payload;
  const std::uint32_t sum = sum_of(std::string_view(out).substr(begin));
  std::memcpy(out.data() + begin + kSumAt, &sum, sizeof sum);
}

std::optional<Record> record_at(std::string_view segment, std::uint64_t at) {
  if (at + kRecordHead > segment.size()) return std::nullopt;
  const std::string_view rest = segment.substr(at);
  const std::size_t length = fixed_at<std::uint32_t>(rest, 0);
  const auto number = fixed_at<RecordNumber>(rest, kSumEnd);
  if (number == 0 || kRecordHead + length > rest.size()) return std::nullopt;
  if (sum_of(rest.substr(0, kRecordHead + length)) != fixed_at<std::uint32_t>(rest, kSumAt)) return std::nullopt;
  return Record{number, fixed_at<RecordNumber>(rest, kSumEnd + sizeof number), rest.substr(kRecordHead, length)};
}

RecordNumber claimed_number(std::string_view segment, std::uint64_t at) {
  return at + kRecordHead > segment.size() ? 0 : fixed_at<RecordNumber>(segment, at + kSumEnd);
}

bool shows_record(std::string_view segment, std::uint64_t at, RecordNumber number) {
  if (at + kRecordHead > segment.size() || claimed_number(segment, at) == number) {
    return at + kRecordHead <= segment.size();
  }
  const std::size_t length = fixed_at<std::uint32_t>(segment, at);
  if (kRecordHead + length > segment.size() - at) return false;
  std::string repaired(segment.substr(at, kRecordHead + length));
  std::memcpy(repaired.data() + kSumEnd, &number, sizeof number);
  return record_at(repaired, 0).has_value();
}

std::string segment_head(RecordNumber first) {
  std::string rest;
  put_fixed(rest, kFormat);
  put_fixed(rest, first);
  rest.resize(kBlock - kMagic.size() - sizeof(std::uint32_t));
  std::string head(kMagic);
  put_fixed(head, crc32c(0, rest));
  return head + rest;
}

std::optional<SegmentHead> read_segment_head(std::string_view segment) {
  static_assert(kHeadBytes < kBlock);
  if (segment.size() < kBlock || !segment.starts_with(kMagic)) return std::nullopt;
  const std::string_view rest = segment.substr(kMagic.size() + sizeof(std::uint32_t), kBlock - kMagic.size() - 4);
  if (crc32c(0, rest) != fixed_at<std::uint32_t>(segment, kMagic.size())) return std::nullopt;
  return SegmentHead{fixed_at<std::uint32_t>(rest, 0), fixed_at<RecordNumber>(rest, sizeof(std::uint32_t))};
}

void put_changes(std::string& out, const std::vector<platform::Change>& changes) {
  for (const auto& change : changes) {
    out += change.value ? kPut : kErase;
    put_text(out, change.key);
    if (change.value) put_text(out, *change.value);
  }
}

void put_range(std::string& out, const platform::KeyRange& range) {
  out += kRange;
  put_text(out, range.from);
  put_text(out, range.to);
}

bool read_payload(std::string_view payload, const PayloadVisitor& visit) {
  if (payload == kOpened || payload == kClosed) return true;
  ByteReader reader(payload);
  while (!reader.at_end()) {
    const char mark = reader.take(1).front();
    const std::string_view key = reader.text();
    const std::string_view rest = mark == kErase ? std::string_view() : reader.text();
    if (!reader.ok() || mark < kErase || mark > kRange) return false;
    if (mark == kRange) {
      visit.range({std::string(key), std::string(rest)});
    } else {
      visit.change(key, mark == kPut ? std::optional(rest) : std::nullopt);
    }
  }
  return true;
}

}  // namespace ow::engine::journal
