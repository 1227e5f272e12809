// One shard of the cache: entries by key, and in order of use. An entry is one block of memory with its key
// behind it. Under the mutex of its shard; see cache.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
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

struct CacheEntry {
  std::string_view key;  // behind the entry
  Cached published;
  Cached pending;
  bool has_pending = false;
  bool pinned = false;  // in use by the batch under way: not evicted
  std::size_t hash = 0;
  std::size_t bytes = 0;
  CacheEntry* next = nullptr;  // of the same bucket
  CacheEntry* newer = nullptr;
  CacheEntry* older = nullptr;

  /// As the commit lane sees it: what the batch has written so far comes first.
  const Cached& current() const { return has_pending ? pending : published; }
};

class CacheShard {
 public:
  CacheShard() : buckets_(kBucketsMin) {}
  CacheShard(const CacheShard&) = delete;
  CacheShard& operator=(const CacheShard&) = delete;
  ~CacheShard();

  CacheEntry* find(std::string_view key, std::size_t hash) const;
  /// There must be none yet. It is in no order of use.
  CacheEntry& insert(std::string_view key, std::size_t hash, Cached value);

  /// Into the order of use, as the newest; and out of it.
  void link(CacheEntry& entry);
  void unlink(CacheEntry& entry);
  /// Accounts for the value that is published now.
  void weigh(CacheEntry& entry);
  /// The entry must be linked.
  void erase(CacheEntry& entry);
  /// Drops the oldest of those that are linked.
  void evict(std::size_t bytes_max);

  const CacheEntry* newest() const { return newest_; }

 private:
  static constexpr std::size_t kBucketsMin = 64;

  CacheEntry*& bucket(std::size_t hash) { return buckets_[hash & (buckets_.size() - 1)]; }
  void grow();

  std::vector<CacheEntry*> buckets_;
  std::size_t entries_ = 0;
  std::size_t bytes_ = 0;
  CacheEntry* newest_ = nullptr;
  CacheEntry* oldest_ = nullptr;
};

}  // namespace ow::engine
