// See retention_work.h.
#include "ops/retention_work.h"

#include <algorithm>
#include <chrono>
#include <map>

namespace ow::ops {
namespace {

using namespace std::chrono_literals;

constexpr auto kPruneEvery = 10min;
constexpr auto kRestBetweenPieces = 200ms;  // 500 commits a piece: at most 2,500 a second
constexpr auto kCensusFirst = 1min;
constexpr auto kCensusEvery = 1h;
constexpr auto kCensusRest = 50ms;
constexpr std::size_t kCensusPage = 500;  // at most 10,000 things a second

struct KindCount {
  std::uint64_t live = 0;
  std::uint64_t expired = 0;
  std::optional<base::Instant> first_expiry;  // of the live ones
};

double unix_seconds(base::Instant at) { return static_cast<double>(at.us) / 1e6; }

void show_events(RetentionPorts ports, const platform::PrunedEvents& pruned, base::Instant before) {
  auto& telemetry = ports.telemetry;
  telemetry.counter("ow_pruned_total", {{"kind", "event"}}).add(pruned.events);
  telemetry.gauge("ow_oldest_kept_unix_seconds", {{"kind", "event"}})
      .set(pruned.oldest ? unix_seconds(*pruned.oldest) : 0);
  const bool behind = pruned.oldest && *pruned.oldest < before;
  const double backlog = behind ? unix_seconds(before) - unix_seconds(*pruned.oldest) : 0;
  telemetry.gauge("ow_prune_backlog_seconds", {{"kind", "event"}}).set(backlog);
}

// True when there was more.
base::Task<bool> prune_piece(RetentionPorts ports, base::Duration kept) {
  const auto before = ports.clock.now() - kept;
  const auto pruned = co_await ports.retention.prune_events(before);
  if (pruned) {
    show_events(ports, *pruned, before);
    co_return pruned->more;
  }
  ports.telemetry.log(platform::LogLevel::warning, "prune_failed",
                      {{"reason", pruned.error().reason}, {"message", pruned.error().message}});
  co_return false;
}

using Counts = std::map<std::pair<std::string, std::string>, KindCount>;

void count(const platform::StoredThing& thing, KindCount& count) {
  ++(thing.expired ? count.expired : count.live);
  if (thing.expired || !thing.expires) return;
  count.first_expiry = std::min(count.first_expiry.value_or(*thing.expires), *thing.expires);
}

// Only dead letters expire among messages.
void show_oldest(platform::Telemetry& telemetry, const Counts& counts, const KeptFor& kept) {
  const auto show = [&](const char* name, std::pair<std::string, std::string> kind, base::Duration span) {
    const auto found = counts.find(kind);
    const bool any = found != counts.end() && found->second.first_expiry;
    telemetry.gauge("ow_oldest_kept_unix_seconds", {{"kind", name}})
        .set(any ? unix_seconds(*found->second.first_expiry - span) : 0);
  };
  show("idempotency", {"record", "idempotency"}, kept.idempotency);
  show("execution", {"record", "execution"}, kept.executions);
  show("message", {"message", ""}, kept.dead_letters);
}

void show_counts(platform::Telemetry& telemetry, const Counts& counts) {
  for (const auto& [kind, count] : counts) {
    const platform::Labels labels{{"kind", kind.first}, {"record", kind.second}};
    telemetry.gauge("ow_stored_things", labels).set(static_cast<double>(count.live));
    telemetry.gauge("ow_stored_expired_things", labels).set(static_cast<double>(count.expired));
  }
}

// Kinds that were there the last time and are no more are shown as none.
base::Task<void> count_once(RetentionPorts ports, const KeptFor& kept, Counts& counts) {
  for (auto& count : counts) count.second = {};
  std::string cursor;
  do {
    auto page = co_await ports.retention.browse(cursor, kCensusPage);
    if (!page) co_return;  // tried again at the next round
    for (const auto& thing : page->things) count(thing, counts[{thing.kind, thing.record_kind}]);
    cursor = std::move(page->next_cursor);
  } while (!cursor.empty() && co_await ports.executor.sleep_until(ports.clock.ticks() + kCensusRest));
  if (!cursor.empty()) co_return;
  show_counts(ports.telemetry, counts);
  show_oldest(ports.telemetry, counts, kept);
}

}  // namespace

base::Task<void> run_event_retention(RetentionPorts ports, std::optional<int> event_days) {
  if (!event_days) co_return;
  const base::Duration kept = std::chrono::hours(24) * std::max(*event_days, kEventDaysMin);
  bool going = true;
  while (going) {
    const bool more = co_await prune_piece(ports, kept);
    const auto rest = more ? base::Duration(kRestBetweenPieces) : base::Duration(kPruneEvery);
    going = co_await ports.executor.sleep_until(ports.clock.ticks() + rest);
  }
}

base::Task<void> run_store_census(RetentionPorts ports, KeptFor kept) {
  Counts counts;
  auto next = ports.clock.ticks() + kCensusFirst;
  while (co_await ports.executor.sleep_until(next)) {
    co_await count_once(ports, kept, counts);
    next = ports.clock.ticks() + kCensusEvery;
  }
}

}  // namespace ow::ops
