// Verified tokens and whom they speak for, so that a token's signature is checked once and not per request.
// Bounded, least recently used out first; refusals are never kept, or they would push good tokens out.
// Loop thread.
#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "base/bounds.h"
#include "base/encoding.h"
#include "base/instant.h"
#include "http/message.h"

namespace ow::identity {

class TokenCache {
 public:
  /// The SHA-256 of the whole token: the cache never holds a token that could be stolen from a dump.
  using Digest = base::Sha256;

  explicit TokenCache(std::size_t tokens_max = base::bounds::kVerifiedTokensMax) : tokens_max_(tokens_max) {}

  /// The principal, while `now` is before the entry's end. Valid until the next call of put() or clear().
  const http::Principal* find(const Digest& token, base::Instant now);
  void put(const Digest& token, http::Principal principal, base::Instant until);
  /// When a signing key changed.
  void clear();
  /// When something about one user changed.
  void drop_user(const base::UserId& user);
  std::size_t size() const { return by_digest_.size(); }

 private:
  struct Entry {
    Digest digest;
    http::Principal principal;
    base::Instant until;
  };
  struct FirstBytes {
    std::size_t operator()(const Digest& digest) const noexcept;
  };
  using Entries = std::list<Entry>;  // most recently used first

  void drop(Entries::iterator entry);

  std::size_t tokens_max_;
  Entries entries_;
  std::unordered_map<Digest, Entries::iterator, FirstBytes> by_digest_;
};

}  // namespace ow::identity
