// See cache_shard.h.
#include "engine/cache_shard.h"

#include <cstring>
#include <memory>
#include <new>
#include <utility>

namespace ow::engine {
namespace {

constexpr std::size_t kEntryOverhead = 192;  // the entry, its bucket, control block of the value

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

void destroy(CacheEntry* entry) {
  std::destroy_at(entry);
  ::operator delete(entry);
}

}  // namespace

CacheShard::~CacheShard() {
  for (CacheEntry* entry : buckets_) {
    while (entry != nullptr) destroy(std::exchange(entry, entry->next));
  }
}

CacheEntry* CacheShard::find(std::string_view key, std::size_t hash) const {
  CacheEntry* entry = buckets_[hash & (buckets_.size() - 1)];
  while (entry != nullptr && (entry->hash != hash || entry->key != key)) entry = entry->next;
  return entry;
}

CacheEntry& CacheShard::insert(std::string_view key, std::size_t hash, Cached value) {
  if (entries_ == buckets_.size()) grow();
  void* const bytes = ::operator new(sizeof(CacheEntry) + key.size());
  auto* const entry = new (bytes) CacheEntry;
  char* const text = static_cast<char*>(bytes) + sizeof(CacheEntry);
  if (!key.empty()) std::memcpy(text, key.data(), key.size());
  entry->key = {text, key.size()};
  entry->hash = hash;
  entry->published = std::move(value);
  entry->next = std::exchange(bucket(hash), entry);
  ++entries_;
  weigh(*entry);
  return *entry;
}

void CacheShard::grow() {
  std::vector<CacheEntry*> before(buckets_.size() * 2);
  std::swap(before, buckets_);
  for (CacheEntry* entry : before) {
    while (entry != nullptr) {
      CacheEntry* const next = entry->next;
      entry->next = std::exchange(bucket(entry->hash), entry);
      entry = next;
    }
  }
}

void CacheShard::link(CacheEntry& entry) {
  entry.newer = nullptr;
  entry.older = newest_;
  if (newest_ != nullptr) newest_->newer = &entry;
  newest_ = &entry;
  if (oldest_ == nullptr) oldest_ = &entry;
}

void CacheShard::unlink(CacheEntry& entry) {
  (entry.newer != nullptr ? entry.newer->older : newest_) = entry.older;
  (entry.older != nullptr ? entry.older->newer : oldest_) = entry.newer;
  entry.newer = entry.older = nullptr;
}

void CacheShard::weigh(CacheEntry& entry) {
  const std::size_t bytes = kEntryOverhead + entry.key.size() + size_of(entry.published);
  bytes_ += bytes - entry.bytes;
  entry.bytes = bytes;
}

void CacheShard::erase(CacheEntry& entry) {
  unlink(entry);
  bytes_ -= entry.bytes;
  --entries_;
  CacheEntry** place = &bucket(entry.hash);
  while (*place != &entry) place = &(*place)->next;
  *place = entry.next;
  destroy(&entry);
}

void CacheShard::evict(std::size_t bytes_max) {
  while (bytes_ > bytes_max && oldest_ != nullptr) erase(*oldest_);
}

}  // namespace ow::engine
