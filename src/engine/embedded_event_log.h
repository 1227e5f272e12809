// EventLog over the reader: commits in the order of their sequence, only durable ones. Loop thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/event_pruner.h"
#include "engine/events.h"
#include "engine/reader.h"
#include "engine/restored_life.h"
#include "platform/event_log.h"

namespace ow::engine {

class EmbeddedEventLog final : public platform::EventLog {
 public:
  EmbeddedEventLog(Reader& reader, std::uint64_t epoch, std::vector<RestoredLife> lives, const EventPruner& pruner)
      : reader_(reader), epoch_(epoch), lives_(std::move(lives)), pruner_(pruner) {}

  base::Task<base::Result<std::vector<platform::Event>>> by_subject(std::string subject, std::uint64_t after,
                                                                    std::size_t limit) override;
  base::Task<base::Result<platform::EventPage>> after(std::string cursor, std::size_t limit) override;
  base::Task<base::Result<platform::EventPage>> newest(std::size_t limit) override;
  base::Task<base::Result<platform::EventPage>> before(std::string cursor, std::size_t limit) override;
  base::Task<base::Result<std::string>> cursor_at(base::Instant time) override;

 private:
  /// Reads a pair: whether to go on, or nothing when it is damaged.
  using TakePair = std::function<std::optional<bool>(std::string_view key, std::string_view value)>;

  /// `restart` forgets what was taken so far; see ScanRequest.
  base::Task<base::Result<void>> read_range(DurableView view, platform::KeyRange range, platform::ScanOrder order,
                                            TakePair take, std::function<void()> restart);
  base::Task<base::Result<std::string>> first_key(DurableView view, std::string subject, std::uint64_t after);
  base::Task<base::Result<std::vector<SubjectEntry>>> subject_entries(std::string subject, std::uint64_t after,
                                                                      std::size_t limit);
  base::Task<base::Result<std::vector<std::pair<Sequence, LogEntry>>>> entries(platform::KeyRange range,
                                                                               platform::ScanOrder order,
                                                                               std::size_t events_max);
  /// Newest first, of those before the place.
  base::Task<base::Result<std::vector<platform::Event>>> backwards(EventPlace before, std::size_t limit);
  base::Task<base::Result<std::optional<std::pair<Sequence, base::Instant>>>> first_from(DurableView view,
                                                                                         Sequence sequence);

  base::Result<void> check_kept(EventPlace place) const;

  Reader& reader_;
  const std::uint64_t epoch_;
  const std::vector<RestoredLife> lives_;
  const EventPruner& pruner_;
};

/// The body of a message that a rule made of this event; nothing when the log does not hold it.
base::Task<base::Result<std::optional<std::string>>> event_body(Reader& reader, std::uint64_t epoch, EventPlace place);

}  // namespace ow::engine
