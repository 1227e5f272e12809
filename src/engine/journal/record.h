// The bytes of the journal. A segment is a file of fixed size: a head of one block, then records. A record is
// length (4), CRC-32C (4), number (8), number up to which the journal was synced when it was written (8),
// payload; the sum covers all but itself. The first record after a sync begins at a block, so that no sector
// which holds synced bytes is ever written again; zeros fill the gap. Plain data, any thread.
//
// A segment is used again without being wiped: behind its last record lie older ones, whose numbers end the
// reading. All numbers are little-endian.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/key_value.h"

namespace ow::engine {

/// Number of a record, counted from 1 over the life of a store.
using RecordNumber = std::uint64_t;

namespace journal {

inline constexpr std::uint32_t kFormat = 1;
inline constexpr std::size_t kBlock = 4096;
inline constexpr std::size_t kRecordHead = 24;

constexpr std::uint64_t next_block(std::uint64_t at) { return (at + kBlock - 1) / kBlock * kBlock; }

struct Record {
  RecordNumber number = 0;
  RecordNumber synced = 0;
  std::string_view payload;

  std::size_t bytes() const { return kRecordHead + payload.size(); }
};

void put_record(std::string& out, const Record& record);
/// The record that begins at `at`; nothing when there is none or its sum is wrong.
std::optional<Record> record_at(std::string_view segment, std::uint64_t at);
/// The number that a record at `at` claims to have, whatever its sum says; 0 when there is no room for one.
RecordNumber claimed_number(std::string_view segment, std::uint64_t at);
/// Whether a record of this number was written at `at`, be it damaged or only in part there.
bool shows_record(std::string_view segment, std::uint64_t at, RecordNumber number);

struct SegmentHead {
  std::uint32_t format = kFormat;
  RecordNumber first = 0;  // of its records
};

/// One block.
std::string segment_head(RecordNumber first);
/// Nothing when the block is damaged or was never written.
std::optional<SegmentHead> read_segment_head(std::string_view segment);

/// A process began to use the store; synced before anything else of it.
inline constexpr std::string_view kOpened = "o";
/// A process ended in order: it wrote nothing behind this.
inline constexpr std::string_view kClosed = "c";

/// Other payloads are the changes of one append, or a range that is erased.
void put_changes(std::string& out, const std::vector<platform::Change>& changes);
void put_range(std::string& out, const platform::KeyRange& range);

struct PayloadVisitor {
  std::function<void(std::string_view key, std::optional<std::string_view> value)> change;
  std::function<void(platform::KeyRange range)> range;
};
/// False: it cannot be read.
bool read_payload(std::string_view payload, const PayloadVisitor& visit);

}  // namespace journal
}  // namespace ow::engine
