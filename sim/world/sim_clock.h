// Clock of the simulated world: moves only when told. Survives a simulated crash. One thread.
#pragma once

#include "base/instant.h"
#include "platform/clock.h"

namespace ow::sim {

class SimClock final : public platform::Clock {
 public:
  /// 2026-01-01T00:00:00Z unless said.
  explicit SimClock(base::Instant start = {1'767'225'600'000'000}) : start_(start) {}

  base::Instant now() const override { return start_ + ticks_ + stepped_; }
  base::Duration ticks() const override { return ticks_; }

  void advance(base::Duration span) { ticks_ += span; }
  /// Moves the wall clock alone, forth or back, as an operator or a time server may.
  void step_wall(base::Duration span) { stepped_ += span; }

 private:
  base::Instant start_;
  base::Duration ticks_{};
  base::Duration stepped_{};
};

}  // namespace ow::sim
