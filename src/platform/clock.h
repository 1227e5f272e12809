// Port: time. The only source of time in the program. Any thread.
#pragma once

#include "base/instant.h"

namespace ow::platform {

class Clock {
 public:
  virtual ~Clock() = default;
  /// Wall clock, UTC. May step; never used to measure spans.
  virtual base::Instant now() const = 0;
  /// Monotonic span since an arbitrary start; for time-outs, rates and measuring.
  virtual base::Duration ticks() const = 0;
};

}  // namespace ow::platform
