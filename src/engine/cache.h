// The bounded write-through cache: the durable value of recently used keys (records, counters, heads of
// subjects, due times of timers, live messages), and for the batch under way the value it will have. The
// committer checks conditions here; readers see published values only, so nothing is visible before it is
// durable. Sharded (cache_shard.h); each shard under its own mutex.
//
// Threads: find(), offer() and generation() from any thread. Everything else belongs to the commit lane; only
// it changes a published value, so it may read those of pinned entries without the mutex.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/cache_shard.h"

namespace ow::engine {

class Cache {
 public:
  using Entry = CacheEntry;

  explicit Cache(std::size_t bytes_max) : shard_bytes_max_(bytes_max / kShards) {}

  /// The published value, when known.
  std::optional<Cached> find(std::string_view key);

  /// Counts published batches. A reader takes it before it reads the key-value store.
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
  /// Hands in what a reader found in the store since `generation` and gives what may be shown: the cache's
  /// own value where the key is known by now. Kept only if no batch was published meanwhile.
  Cached offer(std::string_view key, Cached value, std::uint64_t generation);

  /// Pins a known key for the batch; nullptr when it is not known. A newly pinned entry joins `pinned`.
  Entry* pin(std::string_view key, std::vector<Entry*>& pinned);
  /// Adds what the commit lane itself read from the store, pinned.
  Entry* add(std::string_view key, Cached value, std::vector<Entry*>& pinned);
  /// Sets the value that the entry will have once the batch is durable.
  static void write(Entry& entry, Cached value);
  /// The batch is durable: makes its values visible. Unpins.
  void publish(const std::vector<Entry*>& pinned);
  /// The batch was not appended: forgets its values. Unpins.
  void discard(const std::vector<Entry*>& pinned);

 private:
  static constexpr std::size_t kShards = 16;
  struct Shard {
    std::mutex mutex;
    CacheShard entries;
  };

  static std::size_t hash_of(std::string_view key) { return std::hash<std::string_view>()(key); }
  /// By other bits than the shard takes for its buckets.
  Shard& shard_of(std::size_t hash) { return shards_[(hash >> 48) % kShards]; }
  void unpin(Shard& shard, Entry& entry);

  const std::size_t shard_bytes_max_;
  std::atomic<std::uint64_t> generation_{0};
  std::array<Shard, kShards> shards_;
};

}  // namespace ow::engine
