// See history.h. FNV-1a, 64 bits.
#include "sim/world/history.h"

#include <utility>

namespace ow::sim {
namespace {

constexpr std::uint64_t kPrime = 0x100000001b3;

}  // namespace

void History::note(std::string_view what, std::uint64_t number) {
  for (const char letter : what) hash_ = (hash_ ^ static_cast<std::uint8_t>(letter)) * kPrime;
  for (int shift = 0; shift < 64; shift += 8) hash_ = (hash_ ^ ((number >> shift) & 0xff)) * kPrime;
  ++notes_;
}

void History::tell(std::string line) {
  note(line);
  lines_.push_back(std::move(line));
  if (lines_.size() > kHistoryLinesMax) lines_.pop_front();
}

}  // namespace ow::sim
