// Port: randomness. Production draws from the operating system's generator, the simulator from its seed.
// Any thread.
#pragma once

#include <cstdint>
#include <span>

namespace ow::platform {

class Random {
 public:
  virtual ~Random() = default;
  /// Fills with bytes fit for keys and tokens.
  virtual void fill(std::span<std::uint8_t> bytes) = 0;
  /// A uniform number; fit for jitter and ids.
  virtual std::uint64_t next() = 0;
};

}  // namespace ow::platform
