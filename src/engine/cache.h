// The bounded write-through cache: the durable value of recently used keys (records, counters, heads of
// subjects, due times of timers, live messages), and for the batch under way the value it will have. The
// committer checks conditions here; readers see published values only, so nothing is visible before it is
// durable. Sharded; each shard under its own mutex.
//
// Threads: find(), offer() and generation() from any thread. Everything else belongs to the commit lane; only
// it changes a published value, so it may read those of pinned entries without the mutex.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "engine/stored.h"

namespace ow::engine {

struct Absent {
  bool operator==(const Absent&) const = default;
};
struct Present {
  bool operator==(const Present&) const = default;
};

/// What is known of a key: that it is absent, that it is there (messages), a number (head of a subject, due
/// time of a timer, expiry of a sent id), or the value itself.
using Cached = std::variant<Absent, Present, std::uint64_t, RecordPtr, CounterPtr>;

class Cache {
 public:
  struct Entry {
    std::string_view key;  // of the map's node
    Cached published;
    Cached pending;
    bool has_pending = false;
    bool pinned = false;  // in use by the batch under way: not evicted
    std::size_t bytes = 0;
    Entry* newer = nullptr;
    Entry* older = nullptr;

    /// As the commit lane sees it: what the batch has written so far comes first.
    const Cached& current() const { return has_pending ? pending : published; }
  };

  explicit Cache(std::size_t bytes_max) : shard_bytes_max_(bytes_max / kShards) {}

  /// The published value, when known.
  std::optional<Cached> find(std::string_view key);

  /// Counts published batches. A reader takes it before it reads the key-value store.
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
  /// Hands in what a reader found in the store since `generation` and gives what may be shown: the cache's
  /// own value where the key is known by now. Kept only if no batch was published meanwhile.
  Cached offer(const std::string& key, Cached value, std::uint64_t generation);

  /// Pins a known key for the batch; nullptr when it is not known. A newly pinned entry joins `pinned`.
  Entry* pin(std::string_view key, std::vector<Entry*>& pinned);
  /// Adds what the commit lane itself read from the store, pinned.
  Entry* add(std::string key, Cached value, std::vector<Entry*>& pinned);
  /// Sets the value that the entry will have once the batch is durable.
  static void write(Entry& entry, Cached value);
  /// The batch is durable: makes its values visible. Unpins.
  void publish(const std::vector<Entry*>& pinned);
  /// The batch was not appended: forgets its values. Unpins.
  void discard(const std::vector<Entry*>& pinned);

 private:
  static constexpr std::size_t kShards = 16;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const { return std::hash<std::string_view>()(key); }
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries;
    std::size_t bytes = 0;
    Entry* newest = nullptr;
    Entry* oldest = nullptr;
  };

  Shard& shard_of(std::string_view key) { return shards_[(Hash()(key) >> 48) % kShards]; }
  Entry& insert(Shard& shard, std::string key, Cached value);
  void unpin(Shard& shard, Entry& entry);
  void link(Shard& shard, Entry& entry);
  void unlink(Shard& shard, Entry& entry);
  void erase(Shard& shard, Entry& entry);
  void evict(Shard& shard);

  const std::size_t shard_bytes_max_;
  std::atomic<std::uint64_t> generation_{0};
  std::array<Shard, kShards> shards_;
};

}  // namespace ow::engine
