// See sim_random.h.
#include "sim/world/sim_random.h"

#include <bit>
#include <cstddef>

namespace ow::sim {
namespace {

std::uint64_t splitmix(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

}  // namespace

SimRandom::SimRandom(std::uint64_t seed) : seed_(seed) {
  for (auto& word : state_) word = splitmix(seed);
}

std::uint64_t SimRandom::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

void SimRandom::fill(std::span<std::uint8_t> bytes) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i % 8 == 0) word = next();
    bytes[i] = static_cast<std::uint8_t>(word >> (8 * (i % 8)));
  }
}

std::uint64_t SimRandom::below(std::uint64_t bound) {
  // The bias of the remainder is below 2^-40 for every bound that a simulation uses.
  return bound == 0 ? 0 : next() % bound;
}

std::int64_t SimRandom::between(std::int64_t low, std::int64_t high) {
  return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
}

bool SimRandom::chance(std::uint32_t per_mille) { return per_mille != 0 && below(1000) < per_mille; }

SimRandom SimRandom::fork(std::string_view purpose) const {
  std::uint64_t mixed = seed_ ^ 0xcbf29ce484222325;
  for (const char letter : purpose) mixed = (mixed ^ static_cast<std::uint8_t>(letter)) * 0x100000001b3;
  return SimRandom(splitmix(mixed));
}

}  // namespace ow::sim
