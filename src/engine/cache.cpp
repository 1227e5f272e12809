// See cache.h.
#include "engine/cache.h"

#include <utility>

namespace ow::engine {
std::optional<Cached> Cache::find(std::string_view key) {
  const std::size_t hash = hash_of(key);
  Shard& shard = shard_of(hash);
  const std::lock_guard lock(shard.mutex);
  Entry* const entry = shard.entries.find(key, hash);
  if (entry == nullptr) return std::nullopt;
  if (!entry->pinned && shard.entries.newest() != entry) {
    shard.entries.unlink(*entry);
    shard.entries.link(*entry);
  }
  return entry->published;
}

Cached Cache::offer(std::string_view key, Cached value, std::uint64_t generation) {
  const std::size_t hash = hash_of(key);
  Shard& shard = shard_of(hash);
  const std::lock_guard lock(shard.mutex);
  if (const Entry* known = shard.entries.find(key, hash)) return known->published;
  if (this->generation() == generation) {
    shard.entries.link(shard.entries.insert(key, hash, value));
    shard.entries.evict(shard_bytes_max_);
  }
  return value;
}

Cache::Entry* Cache::pin(std::string_view key, std::vector<Entry*>& pinned) {
  const std::size_t hash = hash_of(key);
  Shard& shard = shard_of(hash);
  const std::lock_guard lock(shard.mutex);
  Entry* const entry = shard.entries.find(key, hash);
  if (entry == nullptr || entry->pinned) return entry;
  shard.entries.unlink(*entry);
  entry->pinned = true;
  pinned.push_back(entry);
  return entry;
}

Cache::Entry* Cache::add(std::string_view key, Cached value, std::vector<Entry*>& pinned) {
  const std::size_t hash = hash_of(key);
  Shard& shard = shard_of(hash);
  const std::lock_guard lock(shard.mutex);
  // A reader may have offered the key since pin() did not find it; nothing was published since, so both
  // agree.
  Entry* entry = shard.entries.find(key, hash);
  if (entry != nullptr && entry->pinned) return entry;
  if (entry != nullptr) {
    shard.entries.unlink(*entry);
  } else {
    entry = &shard.entries.insert(key, hash, std::move(value));
  }
  entry->pinned = true;
  pinned.push_back(entry);
  return entry;
}

void Cache::write(Entry& entry, Cached value) {
  entry.pending = std::move(value);
  entry.has_pending = true;
}

void Cache::publish(const std::vector<Entry*>& pinned) {
  generation_.fetch_add(1, std::memory_order_acq_rel);
  for (Entry* entry : pinned) {
    Shard& shard = shard_of(entry->hash);
    const std::lock_guard lock(shard.mutex);
    if (entry->has_pending) {
      entry->published = std::exchange(entry->pending, Absent{});
      entry->has_pending = false;
      shard.entries.weigh(*entry);
    }
    unpin(shard, *entry);
  }
}

void Cache::discard(const std::vector<Entry*>& pinned) {
  for (Entry* entry : pinned) {
    Shard& shard = shard_of(entry->hash);
    const std::lock_guard lock(shard.mutex);
    entry->pending = Absent{};
    entry->has_pending = false;
    unpin(shard, *entry);
  }
}

void Cache::unpin(Shard& shard, Entry& entry) {
  entry.pinned = false;
  shard.entries.link(entry);
  // A consumed message is not asked for again: its place is better used.
  const bool consumed = entry.key.front() == layout::kMessage && std::holds_alternative<Absent>(entry.published);
  if (consumed) shard.entries.erase(entry);
  shard.entries.evict(shard_bytes_max_);
}

}  // namespace ow::engine
