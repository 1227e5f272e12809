// Requests per second and caller, with a burst of one second (generic cell rate algorithm, ATM Forum
// TM 4.0). Memory is bounded: a caller that was quiet for a second is forgotten, which changes nothing for
// it. Loop thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/instant.h"

namespace ow::http {

class RateLimiter {
 public:
  /// Nothing: every request is admitted; 0: none.
  explicit RateLimiter(std::optional<int> per_second);

  /// Takes one request of the caller's; false when it must wait (at most a second). `now` is Clock::ticks.
  /// `own` is a rate of the caller's own, instead of everybody's.
  bool admit(std::string_view caller, base::Duration now, std::optional<int> own = std::nullopt);

  std::size_t callers() const { return recent_.size() + older_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  /// Caller -> when its bucket will be full again, ns of Clock::ticks.
  using Buckets = std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>>;

  std::int64_t& bucket(std::string_view caller);
  void forget_quiet(std::int64_t now_ns);

  std::int64_t interval_ns_;  // 0: off; past the burst: none
  Buckets recent_, older_;
  std::int64_t turned_ns_ = 0;
};

}  // namespace ow::http
