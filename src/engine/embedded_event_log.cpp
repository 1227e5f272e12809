// See embedded_event_log.h.
#include "engine/embedded_event_log.h"

#include <limits>
#include <utility>

#include <fmt/format.h>

#include "platform/event_form.h"

namespace ow::engine {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Task;
using platform::Event;
using platform::EventPage;
using platform::ScanOrder;

namespace {

constexpr Sequence kSequenceMax = std::numeric_limits<std::int64_t>::max();

/// Index of a place that is behind all events of its commit.
constexpr auto kWholeCommit = std::numeric_limits<std::uint32_t>::max();

/// Behind every event.
constexpr EventPlace kWholeLog{std::numeric_limits<Sequence>::max(), kWholeCommit};

platform::KeyRange log_from(Sequence sequence) {
  return {layout::log_key(sequence), layout::behind(std::string(1, layout::kLog))};
}

}  // namespace

/// The entry that holds the event behind `after` begins at or below it: the key to start from.
Task<Result<std::string>> EmbeddedEventLog::first_key(DurableView view, std::string subject, std::uint64_t after) {
  std::string start = layout::subject_key(subject, 0);
  ScanRequest request;
  request.range = {start, layout::subject_key(subject, after + 2)};
  request.order = ScanOrder::descending;
  request.visit = [&](std::string_view key, std::string_view) {
    start = key;
    return false;
  };
  request.restart = [] {};
  const auto scanned = co_await reader_.scan(std::move(view), std::move(request));
  if (!scanned) co_return fail(scanned.error());
  co_return start;
}

Task<Result<std::vector<SubjectEntry>>> EmbeddedEventLog::subject_entries(std::string subject, std::uint64_t after,
                                                                          std::size_t limit) {
  auto view = co_await reader_.view();
  if (!view) co_return fail(std::move(view.error()));
  auto start = co_await first_key(*view, subject, after);
  if (!start) co_return fail(std::move(start.error()));
  std::vector<SubjectEntry> found;
  std::uint64_t events = 0;
  const auto take = [&](std::string_view key, std::string_view value) -> std::optional<bool> {
    const auto entry = decode_subject(value);
    if (!entry) return std::nullopt;
    const std::uint64_t first = layout::subject_key_number(key);
    if (entry->sequence < pruner_.kept_from()) return true;
    events += entry->count - (first <= after ? std::min(after - first + 1, entry->count) : 0);
    found.push_back(*entry);
    return events < limit;
  };
  const auto restart = [&] {
    found.clear();
    events = 0;
  };
  platform::KeyRange range{std::move(*start), layout::behind(layout::subject_prefix(subject))};
  const auto read = co_await read_range(*view, std::move(range), ScanOrder::ascending, take, restart);
  if (!read) co_return fail(read.error());
  co_return found;
}

Task<Result<void>> EmbeddedEventLog::read_range(DurableView view, platform::KeyRange range, ScanOrder order,
                                                TakePair take, std::function<void()> restart) {
  std::string unreadable;
  ScanRequest request;
  request.range = std::move(range);
  request.order = order;
  request.visit = [&](std::string_view key, std::string_view value) {
    const auto more = take(key, value);
    if (!more) unreadable = key;
    return more.value_or(false);
  };
  request.restart = std::move(restart);
  const auto scanned = co_await reader_.scan(std::move(view), std::move(request));
  if (!scanned) co_return fail(scanned.error());
  if (!unreadable.empty()) co_return fail(damaged(unreadable));
  co_return Result<void>();
}

Task<Result<std::vector<Event>>> EmbeddedEventLog::by_subject(std::string subject, std::uint64_t after,
                                                              std::size_t limit) {
  std::vector<Event> events;
  if (limit == 0) co_return events;
  const auto entries = co_await subject_entries(subject, after, limit);
  if (!entries) co_return fail(entries.error());
  std::vector<std::string> keys;
  for (const auto& entry : *entries) keys.push_back(layout::log_key(entry.sequence));
  const auto logs = co_await reader_.bytes(keys);
  if (!logs) co_return fail(logs.error());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if ((*entries)[i].sequence < pruner_.kept_from()) continue;  // dropped meanwhile
    auto log = (*logs)[i] ? decode_log(*(*logs)[i]) : std::nullopt;
    if (!log) co_return fail(damaged(keys[i]));
    for (std::uint32_t index = 0; index < log->events.size(); ++index) {
      Event& event = log->events[index];
      if (event.subject != subject || event.number <= after || events.size() == limit) continue;
      place_event(event, epoch_, {(*entries)[i].sequence, index});
      events.push_back(std::move(event));
    }
  }
  co_return events;
}

Task<Result<std::vector<std::pair<Sequence, LogEntry>>>> EmbeddedEventLog::entries(platform::KeyRange range,
                                                                                   ScanOrder order,
                                                                                   std::size_t events_max) {
  auto view = co_await reader_.view();
  if (!view) co_return fail(std::move(view.error()));
  std::vector<std::pair<Sequence, LogEntry>> found;
  std::size_t events = 0;
  const auto take = [&](std::string_view key, std::string_view value) -> std::optional<bool> {
    auto log = decode_log(value);
    if (!log) return std::nullopt;
    events += log->events.size();
    found.emplace_back(layout::log_key_sequence(key), std::move(*log));
    return events < events_max;
  };
  const auto restart = [&] {
    found.clear();
    events = 0;
  };
  const auto read = co_await read_range(*view, std::move(range), order, take, restart);
  if (!read) co_return fail(read.error());
  co_return found;
}

Result<void> EmbeddedEventLog::check_kept(EventPlace place) const {
  const auto* life = undone_by(lives_, place.sequence);
  if (life == nullptr && place.sequence != 0 && place.sequence + 1 < pruner_.kept_from()) {
    return fail(ErrorCode::gone, "cursor_expired",
                "Events behind the cursor are not kept any more. Go on from a time: after=, or without a cursor.");
  }
  if (life == nullptr) return {};
  return fail(ErrorCode::gone, "cursor_undone",
              fmt::format("The cursor points to events that the restore of {} undid. Go on from a time: after=, or "
                          "without a cursor.",
                          base::to_rfc3339(life->at)));
}

Task<Result<EventPage>> EmbeddedEventLog::after(std::string cursor, std::size_t limit) {
  EventPlace behind;  // before the first: index 0 of sequence 0 is no event
  if (!cursor.empty()) {
    const auto parsed = parse_event_cursor(epoch_, cursor);
    if (!parsed) co_return fail(ErrorCode::malformed, "cursor_invalid", "The cursor is not one of this event log.");
    if (auto lost = check_kept(*parsed); !lost) co_return fail(std::move(lost.error()));
    behind = *parsed;
  }
  const bool whole = behind.index == kWholeCommit;
  const Sequence from = whole ? behind.sequence + 1 : behind.sequence;
  // The cursor may point into a commit: its events up to the index are passed over.
  const std::size_t passed = whole ? 0 : behind.index + std::size_t{1};
  auto logs = co_await entries(log_from(from), ScanOrder::ascending, limit + passed);
  if (!logs) co_return fail(std::move(logs.error()));
  EventPage page;
  for (auto& [sequence, log] : *logs) {
    for (std::uint32_t index = 0; index < log.events.size() && page.events.size() < limit; ++index) {
      if (sequence == behind.sequence && index <= behind.index) continue;
      place_event(log.events[index], epoch_, {sequence, index});
      page.events.push_back(std::move(log.events[index]));
    }
  }
  page.next_cursor = page.events.empty() ? event_cursor(epoch_, behind) : page.events.back().cursor;
  co_return page;
}

Task<Result<std::vector<Event>>> EmbeddedEventLog::backwards(EventPlace before, std::size_t limit) {
  auto range = log_from(0);
  if (before.sequence != kWholeLog.sequence) range.to = layout::log_key(before.sequence + 1);
  // The place may be inside a commit: its events from there on are passed over.
  const std::size_t passed = before.index == kWholeCommit ? 0 : base::bounds::kCommitKeysMax;
  auto logs = co_await entries(std::move(range), ScanOrder::descending, limit + passed);
  if (!logs) co_return fail(std::move(logs.error()));
  std::vector<Event> events;
  for (auto& [sequence, log] : *logs) {
    for (auto index = static_cast<std::uint32_t>(log.events.size()); index-- > 0 && events.size() < limit;) {
      if (sequence == before.sequence && index >= before.index) continue;
      place_event(log.events[index], epoch_, {sequence, index});
      events.push_back(std::move(log.events[index]));
    }
  }
  co_return events;
}

Task<Result<EventPage>> EmbeddedEventLog::newest(std::size_t limit) {
  auto events = co_await backwards(kWholeLog, limit);
  if (!events) co_return fail(std::move(events.error()));
  auto next = events->empty() ? event_cursor(epoch_, {}) : events->front().cursor;
  co_return EventPage{std::move(*events), std::move(next)};
}

Task<Result<EventPage>> EmbeddedEventLog::before(std::string cursor, std::size_t limit) {
  const auto place = parse_event_cursor(epoch_, cursor);
  if (!place) co_return fail(ErrorCode::malformed, "cursor_invalid", "The cursor is not one of this event log.");
  auto events = co_await backwards(*place, limit);
  if (!events) co_return fail(std::move(events.error()));
  auto next = events->empty() ? std::move(cursor) : events->back().cursor;
  co_return EventPage{std::move(*events), std::move(next)};
}

Task<Result<std::optional<std::pair<Sequence, base::Instant>>>> EmbeddedEventLog::first_from(DurableView view,
                                                                                             Sequence sequence) {
  std::optional<std::pair<Sequence, base::Instant>> first;
  const auto take = [&](std::string_view key, std::string_view value) -> std::optional<bool> {
    const auto log = decode_log(value);
    if (!log || log->events.empty()) return std::nullopt;
    first.emplace(layout::log_key_sequence(key), log->events.front().time);
    return false;
  };
  const auto read = co_await read_range(std::move(view), log_from(sequence), ScanOrder::ascending, take, [] {});
  if (!read) co_return fail(read.error());
  co_return first;
}

/// Times follow the sequence as closely as the clock does, so this may halve the range of sequences.
Task<Result<std::string>> EmbeddedEventLog::cursor_at(base::Instant time) {
  auto view = co_await reader_.view();
  if (!view) co_return fail(std::move(view.error()));
  Sequence low = 0;              // every event below is before `time`
  Sequence high = kSequenceMax;  // the first event from here on is not before `time`, or there is none
  while (low < high) {
    const Sequence middle = low + (high - low) / 2;
    const auto first = co_await first_from(*view, middle);
    if (!first) co_return fail(first.error());
    if (!*first || (*first)->second >= time) {
      high = middle;
    } else {
      low = (*first)->first + 1;
    }
  }
  // Just before `low`: behind every event of the sequences below it.
  if (low == 0) co_return event_cursor(epoch_, {});
  co_return event_cursor(epoch_, {low - 1, kWholeCommit});
}

Task<Result<std::optional<std::string>>> event_body(Reader& reader, std::uint64_t epoch, EventPlace place) {
  std::vector<std::string> keys;
  keys.push_back(layout::log_key(place.sequence));
  const auto values = co_await reader.bytes(keys);
  if (!values) co_return fail(values.error());
  if (!values->front()) co_return std::optional<std::string>();
  auto log = decode_log(*values->front());
  if (!log || place.index >= log->events.size()) co_return fail(damaged(keys.front()));
  place_event(log->events[place.index], epoch, place);
  co_return std::optional<std::string>(platform::event_bridge_text(log->events[place.index]));
}

}  // namespace ow::engine
