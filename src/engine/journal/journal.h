// The write-ahead log of the store: numbered records in segments of fixed size, which were written with zeros
// in advance and are used again and again, so that a sync touches nothing but the bytes themselves.
//
// Threads: append() and sync() from one thread at a time (the commit lane); release() and prepare() from one
// other; synced() from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/journal/record.h"
#include "platform/log_disk.h"

namespace ow::engine {

class Journal {
 public:
  struct Segment {
    std::string name;
    std::unique_ptr<platform::LogFile> file;
    RecordNumber last = 0;  // of its records, once it is full
  };
  using SegmentPtr = std::shared_ptr<Segment>;

  /// What a directory of segments holds; see recover_journal().
  struct Found {
    std::deque<SegmentPtr> live;  // oldest first; the last is being filled
    std::vector<SegmentPtr> spare;
    std::uint64_t end = 0;    // where the last record ends in the last segment
    RecordNumber last = 0;    // of the last record, all of which are synced
    std::uint64_t names = 0;  // the highest name
  };

  static constexpr std::uint64_t kSegmentBytes = 8 << 20;

  Journal(platform::LogDisk& disk, std::uint64_t segment_bytes, Found found);

  /// A journal without records, of which the first will be `first`; durable before it returns. Segments that
  /// are there already are used again.
  static base::Result<std::unique_ptr<Journal>> begin(platform::LogDisk& disk, std::uint64_t segment_bytes,
                                                      RecordNumber first);

  /// Error storage_full: nothing was appended and later appends may succeed. Any other is final.
  base::Result<RecordNumber> append(std::string_view payload);
  /// Everything appended is durable. An error is final.
  base::Result<void> sync();

  RecordNumber last() const { return last_; }
  RecordNumber synced() const { return synced_.load(std::memory_order_acquire); }

  /// Records up to this one are not needed any more.
  void release(RecordNumber applied);
  /// Makes ready what appends will need soon, and removes what they will not.
  base::Result<void> prepare();

 private:
  base::Result<void> roll(std::uint64_t bytes);
  base::Result<SegmentPtr> take_segment(std::uint64_t bytes);
  base::Result<SegmentPtr> make_segment(std::uint64_t bytes);
  SegmentPtr surplus();
  base::Result<void> clear_refused();
  void mark_dirty();

  platform::LogDisk& disk_;
  const std::uint64_t segment_bytes_;

  // Commit lane.
  SegmentPtr active_;
  std::uint64_t at_;  // where the next record begins
  RecordNumber last_;
  bool refused_ = false;           // part of a record that was not taken may lie at `at_`
  std::vector<SegmentPtr> dirty_;  // written since the last sync
  std::string buffer_;
  std::atomic<RecordNumber> synced_;

  std::mutex mutex_;
  std::deque<SegmentPtr> full_;
  std::vector<SegmentPtr> spare_;
  std::uint64_t names_;
};

}  // namespace ow::engine
