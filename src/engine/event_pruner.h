// Retention of the event log: whole commits are dropped from its old end, never from the middle. Of each subject
// its first entry (that it exists) and its last (its number) stay, so numbering goes on without a gap, however
// old the subject is. An event that a message in a queue still refers to stays, and so does all behind it.
// Loop thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "base/task.h"
#include "engine/committer.h"
#include "engine/reader.h"
#include "platform/retention.h"

namespace ow::engine {

class EventPruner {
 public:
  /// Commits dropped by one call at most.
  static constexpr std::size_t kCommitsMax = 500;

  /// `kept_from`: as read_kept_from() said at the start.
  EventPruner(Reader& reader, Committer& committer, Sequence kept_from)
      : reader_(reader), committer_(committer), kept_from_(kept_from) {}

  /// No event below this number is shown any more.
  Sequence kept_from() const { return kept_from_; }

  /// Drops what was committed before `before`, a bounded piece of it in one batch.
  base::Task<base::Result<platform::PrunedEvents>> prune(base::Instant before);

 private:
  struct Piece;
  base::Task<base::Result<Sequence>> oldest_in_queues(DurableView view);
  base::Task<base::Result<Piece>> find_piece(DurableView view, base::Instant before, Sequence floor);
  base::Task<base::Result<void>> needless_entries(DurableView view, std::string subject, std::uint64_t number,
                                                  std::vector<std::string>& keys);
  base::Task<base::Result<void>> drop(std::vector<std::string> keys, Sequence kept_from);

  Reader& reader_;
  Committer& committer_;
  Sequence kept_from_;
};

base::Result<Sequence> read_kept_from(const platform::KeyValue& key_value);

}  // namespace ow::engine
