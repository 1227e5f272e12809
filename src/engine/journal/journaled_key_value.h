// KeyValue of the embedded engine: a journal makes appends durable, overlays in memory hold what it says, and
// full overlays go down into the tables in the background: sorted, the last value of each key only. What is
// written and erased again within one overlay never reaches the tables.
//
//   append: journal, active overlay      sync: journal; a full overlay is frozen, a new one becomes active
//   background: the oldest frozen overlay into the tables, its segments are free for use again
//   open: what the journal holds beyond the tables, back into overlays
//
// Threads as KeyValue; appends, syncs and erase_range from one at a time (the commit lane), checkpoint from
// any.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "engine/journal/journal.h"
#include "engine/journal/tables.h"
#include "platform/executor.h"
#include "platform/key_value.h"

namespace ow::engine {

struct JournalOptions {
  std::uint64_t segment_bytes = Journal::kSegmentBytes;
  /// An overlay goes down once it holds so much. At most kFrozenMax wait; then appends wait for one to go.
  std::size_t overlay_keys = 64 << 10;
  std::size_t overlay_bytes = 32 << 20;
  /// Runs a job on another thread, one after the other. Unset: at once.
  std::function<void(platform::Job)> background = {};
  /// Pairs for which it is true need not reach the tables.
  std::function<bool(std::string_view key, std::string_view value)> expired = {};
  /// Told during the open about what was dropped, one sentence each.
  std::function<void(std::string_view sentence)> notice = {};
  /// Asked before an append that puts; an error refuses it.
  std::function<base::Result<void>()> may_grow = {};
};

/// Overlays that wait to go down.
inline constexpr std::size_t kFrozenMax = 3;

/// Begins a journal above tables that have none.
base::Result<void> begin_journal(platform::LogDisk& disk, const Tables& tables, const JournalOptions& options);

/// Errors: internal (damage, with file and offset), unsupported (a newer
/// format), unavailable, storage_full.
base::Result<std::unique_ptr<platform::KeyValue>> open_journaled(std::unique_ptr<platform::LogDisk> disk,
                                                                 std::unique_ptr<Tables> tables,
                                                                 JournalOptions options);

}  // namespace ow::engine
