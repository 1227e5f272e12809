// Random from a seed (xoshiro256**, Blackman and Vigna 2018; seeded through splitmix64). Every choice of the
// simulated world draws from one of these, so a seed decides a whole run. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "platform/random.h"

namespace ow::sim {

class SimRandom final : public platform::Random {
 public:
  explicit SimRandom(std::uint64_t seed);

  void fill(std::span<std::uint8_t> bytes) override;
  std::uint64_t next() override;

  /// Uniform in [0, bound); 0 for bound 0.
  std::uint64_t below(std::uint64_t bound);
  /// Uniform in [low, high].
  std::int64_t between(std::int64_t low, std::int64_t high);
  /// True with a chance of `per_mille` in a thousand; draws nothing when that is 0.
  bool chance(std::uint32_t per_mille);
  /// A generator of its own for one purpose: drawing from it moves no other choice.
  SimRandom fork(std::string_view purpose) const;

 private:
  std::uint64_t seed_;
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace ow::sim
