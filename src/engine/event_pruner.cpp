// See event_pruner.h.
#include "engine/event_pruner.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "engine/batch.h"
#include "engine/stored.h"

namespace ow::engine {

using base::fail;
using base::Result;
using base::Task;
using platform::PrunedEvents;

/// Commits from the old end that may go.
struct EventPruner::Piece {
  std::vector<std::string> log_keys;
  std::vector<std::pair<std::string, std::uint64_t>> subjects;  // with the first number in its commit
  Sequence kept_from = 0;
  PrunedEvents result;

  void take(std::string_view log_key, const LogEntry& log) {
    log_keys.emplace_back(log_key);
    kept_from = layout::log_key_sequence(log_key) + 1;
    result.events += log.events.size();
    std::set<std::string_view> seen;
    for (const auto& event : log.events) {
      if (seen.insert(event.subject).second) subjects.emplace_back(event.subject, event.number);
    }
  }
};

namespace {

constexpr Sequence kNowhere = std::numeric_limits<Sequence>::max();

/// The event that the message under this key repeats; kNowhere when it holds its own body.
Result<Sequence> referred(std::string_view key, std::string_view value) {
  if (key.front() == layout::kMessage) {
    const auto message = decode_message(0, {}, value);
    if (!message) return fail(damaged(key));
    return message->event_sequence == 0 ? kNowhere : message->event_sequence;
  }
  if (value.empty()) return kNowhere;  // the due entry of a timer, which is under its own key
  const auto timer = decode_timer(value);
  if (!timer) return fail(damaged(key));
  return timer->message.event_sequence == 0 ? kNowhere : timer->message.event_sequence;
}

}  // namespace

Task<Result<PrunedEvents>> EventPruner::prune(base::Instant before) {
  auto view = co_await reader_.view();
  if (!view) co_return fail(std::move(view.error()));
  auto piece = co_await find_piece(*view, before, kNowhere);
  if (!piece) co_return fail(piece.error());
  if (piece->log_keys.empty()) co_return piece->result;
  // Queues are looked through only when something may go.
  const auto floor = co_await oldest_in_queues(*view);
  if (!floor) co_return fail(floor.error());
  if (*floor < piece->kept_from) piece = co_await find_piece(*view, before, *floor);
  if (!piece) co_return fail(piece.error());
  std::vector<std::string> keys = std::move(piece->log_keys);
  for (auto& [subject, number] : piece->subjects) {
    const auto found = co_await needless_entries(*view, std::move(subject), number, keys);
    if (!found) co_return fail(found.error());
  }
  const auto result = piece->result;
  const auto dropped = co_await drop(std::move(keys), piece->kept_from);
  if (!dropped) co_return fail(dropped.error());
  co_return result;
}

Task<Result<Sequence>> EventPruner::oldest_in_queues(DurableView view) {
  Sequence oldest = kNowhere;
  std::optional<base::Error> problem;
  for (const char kind : {layout::kMessage, layout::kTimer, layout::kDue}) {
    ScanRequest request;
    request.range = layout::starting_with(std::string(1, kind));
    request.visit = [&](std::string_view key, std::string_view value) {
      const auto sequence = referred(key, value);
      if (!sequence) problem = sequence.error();
      if (sequence) oldest = std::min(oldest, *sequence);
      return !problem.has_value();
    };
    request.restart = [] {};  // a minimum may be taken twice
    const auto scanned = co_await reader_.scan(view, std::move(request));
    if (!scanned) co_return fail(scanned.error());
    if (problem) co_return fail(*problem);
  }
  co_return oldest;
}

Task<Result<EventPruner::Piece>> EventPruner::find_piece(DurableView view, base::Instant before, Sequence floor) {
  Piece piece;
  std::string unreadable;
  const auto clear = [&piece, this] {
    piece = {};
    piece.kept_from = kept_from_;
  };
  clear();
  ScanRequest request;
  request.range = {layout::log_key(kept_from_), layout::behind(std::string(1, layout::kLog))};
  request.restart = clear;
  request.visit = [&](std::string_view key, std::string_view value) {
    const auto log = decode_log(value);
    if (!log) {
      unreadable = key;
      return false;
    }
    const bool old = log->committed < before;
    if (!old || layout::log_key_sequence(key) >= floor || piece.log_keys.size() == kCommitsMax) {
      piece.result.oldest = log->committed;
      piece.result.more = old && layout::log_key_sequence(key) < floor;
      return false;
    }
    piece.take(key, *log);
    return true;
  };
  const auto scanned = co_await reader_.scan(std::move(view), std::move(request));
  if (!scanned) co_return fail(scanned.error());
  if (!unreadable.empty()) co_return fail(damaged(unreadable));
  co_return piece;
}

/// The entry under `number` unless it is the subject's last, and what earlier calls left as its last then; never
/// its first.
Task<Result<void>> EventPruner::needless_entries(DurableView view, std::string subject, std::uint64_t number,
                                                 std::vector<std::string>& keys) {
  std::vector<std::string> found;
  bool followed = false;
  ScanRequest request;
  request.range = {layout::subject_key(subject, 2), layout::behind(layout::subject_prefix(subject))};
  request.visit = [&](std::string_view key, std::string_view) {
    followed = layout::subject_key_number(key) > number;
    if (!followed) found.emplace_back(key);
    return !followed;
  };
  request.restart = [&found] { found.clear(); };
  const auto scanned = co_await reader_.scan(std::move(view), std::move(request));
  if (!scanned) co_return fail(scanned.error());
  if (!followed && !found.empty()) found.pop_back();
  std::ranges::move(found, std::back_inserter(keys));
  co_return Result<void>();
}

Task<Result<void>> EventPruner::drop(std::vector<std::string> keys, Sequence kept_from) {
  kept_from_ = kept_from;  // from now on nobody looks for what is about to go
  const auto erase = [keys = std::move(keys), kept_from](Batch& batch) {
    for (const auto& key : keys) batch.erase(key);
    batch.put(layout::kept_key(), encode_sequence(kept_from));
    return Result<void>();
  };
  co_return co_await committer_.run(erase);
}

Result<Sequence> read_kept_from(const platform::KeyValue& key_value) {
  const auto stored = key_value.get({layout::kept_key()});
  if (!stored) return fail(stored.error());
  if (!stored->front()) return Sequence{0};
  const auto kept = decode_sequence(*stored->front());
  if (!kept) return fail(damaged(layout::kept_key()));
  return *kept;
}

}  // namespace ow::engine
