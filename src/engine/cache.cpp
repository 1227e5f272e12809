// See cache.h.
#include "engine/cache.h"

#include <utility>

namespace ow::engine {
namespace {

constexpr std::size_t kEntryOverhead = 192;  // node, hash bucket, links, control block

std::size_t size_of(const RecordPtr& record) {
  std::size_t size = sizeof(platform::Record) + record->value.size() + record->kind.size() +
                     record->key.partition.size() + record->key.sort.size();
  for (const auto& entry : record->indexes) {
    size += sizeof entry + entry.index.size() + entry.partition.size() + entry.sort.size();
  }
  return size;
}

std::size_t size_of(const Cached& value) {
  if (const auto* record = std::get_if<RecordPtr>(&value)) return size_of(*record);
  if (const auto* counter = std::get_if<CounterPtr>(&value)) return 96 * (*counter)->size();
  return 0;
}

}  // namespace

std::optional<Cached> Cache::find(std::string_view key) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.entries.find(key);
  if (found == shard.entries.end()) return std::nullopt;
  Entry& entry = found->second;
  if (!entry.pinned && shard.newest != &entry) {
    unlink(shard, entry);
    link(shard, entry);
  }
  return entry.published;
}

Cached Cache::offer(const std::string& key, Cached value, std::uint64_t generation) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.entries.find(key);
  if (found != shard.entries.end()) return found->second.published;
  if (this->generation() == generation) {
    link(shard, insert(shard, key, value));
    evict(shard);
  }
  return value;
}

Cache::Entry* Cache::pin(std::string_view key, std::vector<Entry*>& pinned) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.entries.find(key);
  if (found == shard.entries.end()) return nullptr;
  Entry& entry = found->second;
  if (!entry.pinned) {
    unlink(shard, entry);
    entry.pinned = true;
    pinned.push_back(&entry);
  }
  return &entry;
}

Cache::Entry* Cache::add(std::string key, Cached value, std::vector<Entry*>& pinned) {
  // A reader may have offered the key since pin() did not find it; nothing was published since, so both
  // agree.
  if (Entry* known = pin(key, pinned)) return known;
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const bool known = shard.entries.contains(key);
  Entry& entry = known ? shard.entries.find(key)->second : insert(shard, std::move(key), std::move(value));
  if (known) unlink(shard, entry);
  entry.pinned = true;
  pinned.push_back(&entry);
  return &entry;
}

void Cache::write(Entry& entry, Cached value) {
  entry.pending = std::move(value);
  entry.has_pending = true;
}

void Cache::publish(const std::vector<Entry*>& pinned) {
  generation_.fetch_add(1, std::memory_order_acq_rel);
  for (Entry* entry : pinned) {
    Shard& shard = shard_of(entry->key);
    const std::lock_guard lock(shard.mutex);
    if (entry->has_pending) {
      entry->published = std::exchange(entry->pending, Absent{});
      entry->has_pending = false;
    }
    unpin(shard, *entry);
  }
}

void Cache::discard(const std::vector<Entry*>& pinned) {
  for (Entry* entry : pinned) {
    Shard& shard = shard_of(entry->key);
    const std::lock_guard lock(shard.mutex);
    entry->pending = Absent{};
    entry->has_pending = false;
    unpin(shard, *entry);
  }
}

void Cache::unpin(Shard& shard, Entry& entry) {
  entry.pinned = false;
  const std::size_t bytes = kEntryOverhead + entry.key.size() + size_of(entry.published);
  shard.bytes += bytes - entry.bytes;
  entry.bytes = bytes;
  link(shard, entry);
  // A consumed message is not asked for again: its place is better used.
  const bool consumed = entry.key.front() == layout::kMessage && entry.published == Cached(Absent{});
  if (consumed) erase(shard, entry);
  evict(shard);
}

Cache::Entry& Cache::insert(Shard& shard, std::string key, Cached value) {
  const auto [at, added] = shard.entries.try_emplace(std::move(key));
  Entry& entry = at->second;
  entry.key = at->first;
  entry.bytes = kEntryOverhead + entry.key.size() + size_of(value);
  entry.published = std::move(value);
  shard.bytes += entry.bytes;
  return entry;
}

void Cache::link(Shard& shard, Entry& entry) {
  entry.newer = nullptr;
  entry.older = shard.newest;
  if (shard.newest != nullptr) shard.newest->newer = &entry;
  shard.newest = &entry;
  if (shard.oldest == nullptr) shard.oldest = &entry;
}

void Cache::unlink(Shard& shard, Entry& entry) {
  (entry.newer != nullptr ? entry.newer->older : shard.newest) = entry.older;
  (entry.older != nullptr ? entry.older->newer : shard.oldest) = entry.newer;
  entry.newer = entry.older = nullptr;
}

void Cache::erase(Shard& shard, Entry& entry) {
  unlink(shard, entry);
  shard.bytes -= entry.bytes;
  shard.entries.erase(shard.entries.find(entry.key));
}

void Cache::evict(Shard& shard) {
  while (shard.bytes > shard_bytes_max_ && shard.oldest != nullptr) erase(shard, *shard.oldest);
}

}  // namespace ow::engine
