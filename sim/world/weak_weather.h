// How weak a weak world is: what the decorators WeakStore, WeakQueues and WeakEventLog may do, by seed, that
// the embedded engine does not and AWS may. Plain data.
//
// Expiry that never deletes needs no decorator: open MemoryKeyValue without an expiry predicate.
#pragma once

#include <cstdint>

#include "base/instant.h"

namespace ow::sim {

/// Chances in a thousand.
struct WeakWeather {
  std::uint32_t contended = 4;      // of a commit: nothing changed, tried often enough
  std::uint32_t unknown = 4;        // of a commit: half of them were taken
  std::uint32_t stale_index = 200;  // of an index query: shows an earlier state of recently written records
  std::uint32_t late = 150;         // of a delivery: handed out only after up to `lag_max`
  std::uint32_t duplicated = 50;    // of a delivery: handed out again within `lag_max`
  std::uint32_t reordered = 300;    // of a batch: in any order
  base::Duration lag_max = std::chrono::seconds(3);
  base::Duration call_max = std::chrono::milliseconds(20);  // of any call
};

}  // namespace ow::sim
