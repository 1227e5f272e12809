// See token_cache.h.
#include "identity/token_cache.h"

#include <cstring>
#include <iterator>
#include <utility>

namespace ow::identity {

std::size_t TokenCache::FirstBytes::operator()(const Digest& digest) const noexcept {
  std::size_t hash = 0;
  std::memcpy(&hash, digest.data(), sizeof hash);
  return hash;
}

const http::Principal* TokenCache::find(const Digest& token, base::Instant now) {
  const auto place = by_digest_.find(token);
  if (place == by_digest_.end()) return nullptr;
  const auto entry = place->second;
  if (now >= entry->until) {
    drop(entry);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, entry);
  return &entry->principal;
}

void TokenCache::put(const Digest& token, http::Principal principal, base::Instant until) {
  if (const auto place = by_digest_.find(token); place != by_digest_.end()) drop(place->second);
  if (entries_.size() >= tokens_max_) drop(std::prev(entries_.end()));
  entries_.push_front({token, std::move(principal), until});
  by_digest_.emplace(token, entries_.begin());
}

void TokenCache::clear() {
  by_digest_.clear();
  entries_.clear();
}

void TokenCache::drop_user(const base::UserId& user) {
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto next = std::next(entry);
    if (entry->principal.user == user) drop(entry);
    entry = next;
  }
}

void TokenCache::drop(Entries::iterator entry) {
  by_digest_.erase(entry->digest);
  entries_.erase(entry);
}

}  // namespace ow::identity
