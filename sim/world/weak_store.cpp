// See weak_store.h.
#include "sim/world/weak_store.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace ow::sim {

using base::Result;
using base::Task;
using platform::Commit;
using platform::CommitOutcome;
using platform::Counter;
using platform::Key;
using platform::Page;
using platform::Query;
using platform::Record;
using platform::RecordPtr;

namespace {

/// The record's place in the queried index; nothing when it has none in range.
const platform::IndexEntry* place_in(const Query& query, const Record& record) {
  for (const auto& entry : record.indexes) {
    const bool inside = entry.index == query.index && entry.partition == query.partition && entry.sort >= query.from &&
                        (query.to.empty() || entry.sort < query.to);
    if (inside) return &entry;
  }
  return nullptr;
}

std::pair<std::string_view, const Key&> order_of(const Query& query, const Record& record) {
  const auto* place = place_in(query, record);
  return {place == nullptr ? std::string_view() : std::string_view(place->sort), record.key};
}

void sort_page(const Query& query, std::vector<Record>& records) {
  std::sort(records.begin(), records.end(), [&](const Record& left, const Record& right) {
    const bool less = order_of(query, left) < order_of(query, right);
    const bool greater = order_of(query, right) < order_of(query, left);
    return query.descending ? greater : less;
  });
}

}  // namespace

bool WeakStore::chance(std::uint32_t per_mille) {
  const bool hit = random_.chance(per_mille);
  weaknesses_ += hit ? 1 : 0;
  return hit;
}

Task<void> WeakStore::pause() {
  const base::Duration span(random_.between(0, weather_.call_max.count()));
  co_await executor_.sleep_until(clock_.ticks() + span);
}

Task<Result<std::vector<RecordPtr>>> WeakStore::get(std::vector<Key> keys) {
  co_await pause();
  co_return co_await below_.get(std::move(keys));
}

Task<Result<std::vector<std::optional<Counter>>>> WeakStore::counters(std::vector<Key> keys) {
  co_await pause();
  co_return co_await below_.counters(std::move(keys));
}

Task<Result<Page>> WeakStore::query(Query query) {
  co_await pause();
  auto page = co_await below_.query(query);
  if (page && !query.index.empty() && chance(weather_.stale_index)) show_earlier(query, *page);
  co_return page;
}

/// Puts recently written records back to what they were. A record that left the index is there again only on
/// a page without a following one, so that no page grows beyond its place.
void WeakStore::show_earlier(const Query& query, Page& page) {
  const base::Duration oldest = clock_.ticks() - weather_.lag_max;
  const bool whole = query.cursor.empty() && page.next_cursor.empty();
  for (const auto& [key, earlier] : recent_) {
    if (earlier.written < oldest) continue;
    const bool was_inside = earlier.before && place_in(query, *earlier.before) != nullptr;
    const auto shown =
        std::find_if(page.records.begin(), page.records.end(), [&](const Record& record) { return record.key == key; });
    if (shown != page.records.end()) {
      if (was_inside) {
        *shown = *earlier.before;
      } else {
        page.records.erase(shown);
      }
    } else if (was_inside && whole && page.records.size() < query.limit) {
      page.records.push_back(*earlier.before);
    }
  }
  sort_page(query, page.records);
}

Task<Result<WeakStore::Before>> WeakStore::before(const Commit& commit) {
  std::vector<Key> keys;
  for (const auto& [key, write] : commit.writes()) {
    if (!write.condition_only) keys.push_back(key);
  }
  Before before;
  if (keys.empty()) co_return before;
  auto records = co_await below_.get(keys);
  if (!records) co_return base::fail(records.error());
  for (std::size_t i = 0; i < keys.size(); ++i) before.emplace(keys[i], std::move(records->at(i)));
  co_return before;
}

void WeakStore::remember(Before before) {
  const base::Duration now = clock_.ticks();
  std::erase_if(recent_, [&](const auto& pair) { return pair.second.written < now - weather_.lag_max; });
  for (auto& [key, record] : before) recent_.insert_or_assign(key, Earlier{now, std::move(record)});
}

Task<Result<CommitOutcome>> WeakStore::commit(Commit commit) {
  co_await pause();
  if (chance(weather_.contended)) co_return CommitOutcome{CommitOutcome::Kind::contended, {}};
  const bool unknown = chance(weather_.unknown);
  if (unknown && random_.chance(500)) co_return CommitOutcome{CommitOutcome::Kind::unknown, {}};
  auto earlier = co_await before(commit);
  if (!earlier) co_return base::fail(earlier.error());
  auto outcome = co_await below_.commit(std::move(commit));
  if (outcome && outcome->committed()) {
    remember(std::move(*earlier));
    if (unknown) outcome->kind = CommitOutcome::Kind::unknown;
  }
  co_await pause();
  co_return outcome;
}

}  // namespace ow::sim
