// See rate_limiter.h.
#include "http/rate_limiter.h"

#include <algorithm>

#include "base/bounds.h"

namespace ow::http {
namespace {
constexpr std::int64_t kBurstNs = 1'000'000'000;

std::int64_t interval_of(std::optional<int> per_second) {
  if (!per_second) return 0;
  return *per_second <= 0 ? kBurstNs + 1 : kBurstNs / *per_second;
}

}  // namespace

RateLimiter::RateLimiter(std::optional<int> per_second) : interval_ns_(interval_of(per_second)) {}

bool RateLimiter::admit(std::string_view caller, base::Duration now, std::optional<int> own) {
  const std::int64_t interval_ns = own ? interval_of(own) : interval_ns_;
  if (interval_ns == 0) return true;
  const std::int64_t now_ns = now.count() * 1000;
  forget_quiet(now_ns);
  std::int64_t& full_at = bucket(caller);
  const std::int64_t next = std::max(full_at, now_ns) + interval_ns;
  if (next - now_ns > kBurstNs) return false;
  full_at = next;
  return true;
}

// Two generations: what was not used since the last turn but one has a full bucket again.
void RateLimiter::forget_quiet(std::int64_t now_ns) {
  const bool crowded = recent_.size() >= base::bounds::kRateCallersMax;
  if (!crowded && now_ns - turned_ns_ < kBurstNs) return;
  older_ = std::exchange(recent_, {});
  turned_ns_ = now_ns;
}

std::int64_t& RateLimiter::bucket(std::string_view caller) {
  if (const auto found = recent_.find(caller); found != recent_.end()) return found->second;
  if (const auto found = older_.find(caller); found != older_.end()) {
    return recent_.insert(older_.extract(found)).position->second;
  }
  return recent_.try_emplace(std::string(caller), 0).first->second;
}

}  // namespace ow::http
