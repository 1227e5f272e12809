// Reads a journal back after its process ended. Runs before anything else touches the directory; one thread.
#pragma once

#include <functional>
#include <string_view>

#include "base/result.h"
#include "engine/journal/journal.h"

namespace ow::engine {

struct JournalReader {
  /// Records up to this one are in the tables below and were synced.
  RecordNumber applied = 0;
  /// Told each later record, in order. False: its payload cannot be read.
  std::function<bool(std::string_view payload, RecordNumber number)> take;
  /// Told what was dropped, one sentence each.
  std::function<void(std::string_view sentence)> notice;
};

/// Reads on up to the first record that does not follow. What lies behind it was never acknowledged when no
/// later record says that it was synced: such a torn tail is wiped, with a notice when it shows. What was kept
/// is synced before this returns. Errors: internal (damage, naming file and offset; nothing was changed),
/// unsupported (a newer format, naming both numbers), unavailable.
base::Result<Journal::Found> recover_journal(platform::LogDisk& disk, const JournalReader& reader);

}  // namespace ow::engine
