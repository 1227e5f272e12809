// A message that was handed out and is not acknowledged yet. Plain data of the loop thread.
#pragma once

#include <cstdint>

#include "engine/stored.h"

namespace ow::engine {

struct InFlight {
  MessagePtr message;
  base::Duration visible_at{};
  std::uint64_t serial = 0;
  std::uint32_t received = 0;  // this time included
  std::uint32_t slot = 0;
  base::Instant at = {};  // of the receive
};

}  // namespace ow::engine
