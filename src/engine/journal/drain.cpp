// See drain.h.
#include "engine/journal/drain.h"

#include <algorithm>
#include <string>

#include "engine/bytes.h"
#include "engine/journal/layers.h"

namespace ow::engine {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr int kNumberWidth = 8;
constexpr std::size_t kAskedAtOnce = 1024;

std::vector<TableChange> last_values(const Overlay& overlay, const Expired& expired) {
  std::vector<TableChange> changes;
  changes.reserve(overlay.keys() + 1);
  for (const auto* node = overlay.first(); node != nullptr; node = node->next()) {
    auto value = node->newest.load(std::memory_order_acquire)->get();
    if (value && expired && expired(node->key(), *value)) value.reset();
    changes.push_back({node->key(), value});
  }
  return changes;
}

/// Drops erasures of keys that the tables do not hold: whatever lived only within the overlay.
Result<void> drop_short_lived(std::vector<TableChange>& changes, const Tables& tables) {
  auto kept = changes.begin();
  auto next = changes.begin();
  std::vector<std::string> erased;
  while (next != changes.end()) {
    const auto end = next + std::min<std::ptrdiff_t>(kAskedAtOnce, changes.end() - next);
    erased.clear();
    for (auto change = next; change != end; ++change) {
      if (!change->value) erased.emplace_back(change->key);
    }
    const auto held = tables.get(erased, platform::ReadTier::any);
    if (!held) return fail(held.error());
    auto answer = held->begin();
    for (; next != end; ++next) {
      if (next->value || (answer++)->has_value()) *kept++ = *next;
    }
  }
  changes.erase(kept, changes.end());
  return {};
}

void put_in_order(std::vector<TableChange>& changes, const TableChange& change) {
  changes.insert(std::ranges::lower_bound(changes, change.key, {}, &TableChange::key), change);
}

}  // namespace

Result<void> drain(const Overlay& overlay, Tables& tables, const Expired& expired) {
  auto changes = last_values(overlay, expired);
  if (auto dropped = drop_short_lived(changes, tables); !dropped) return dropped;
  std::string applied;
  put_ordered(applied, overlay.last(), kNumberWidth);
  put_in_order(changes, {applied_key(), applied});
  return tables.absorb(overlay.erased(), changes);
}

Result<RecordNumber> applied_record(const Tables& tables) {
  const auto stored = tables.get({std::string(applied_key())}, platform::ReadTier::any);
  if (!stored) return fail(stored.error());
  const auto& value = stored->front();
  if (!value) return RecordNumber{0};
  ByteReader reader(*value);
  const RecordNumber number = reader.ordered(kNumberWidth);
  if (reader.ok() && reader.at_end()) return number;
  return fail(ErrorCode::internal, "storage_damaged", "Damage: the tables do not say how far they reach.");
}

}  // namespace ow::engine
