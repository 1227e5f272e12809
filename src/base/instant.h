// Points in time and spans, in microseconds. No clock is read here: time comes from platform::Clock.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ow::base {

using Duration = std::chrono::microseconds;

/// Microseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX time).
struct Instant {
  std::int64_t us = 0;

  auto operator<=>(const Instant&) const = default;
  friend Instant operator+(Instant at, Duration span) { return {at.us + span.count()}; }
  friend Instant operator-(Instant at, Duration span) { return {at.us - span.count()}; }
  friend Duration operator-(Instant to, Instant from) { return Duration(to.us - from.us); }

  std::int64_t ms() const { return us / 1000; }
  std::int64_t unix_s() const { return us / 1'000'000; }
};

/// RFC 3339 in UTC with milliseconds: `2026-11-21T06:15:28.123Z`. Truncates to the millisecond.
std::string to_rfc3339(Instant at);

/// RFC 3339 section 5.6 date-time, any offset, at most 6 fractional digits kept. Error: malformed.
Result<Instant> parse_rfc3339(std::string_view text);

}  // namespace ow::base
