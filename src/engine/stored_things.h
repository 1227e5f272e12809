// Pairs of the store as things that people and other programs can read. Any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/stored.h"
#include "platform/retention.h"

namespace ow::engine {

/// The kinds of keys that hold something of their own; all others repeat it or count it.
inline constexpr std::string_view kThingKinds = "cdlmqrt";

struct ThingContext {
  const std::map<QueueNumber, std::string>& queues;
  std::uint64_t epoch = 1;
  base::Instant now;
  Sequence events_kept_from = 0;
};

/// Adds what the pair holds: nothing, one thing, or all events of a commit. Error internal on damage.
base::Result<void> add_things(std::string_view key, std::string_view value, const ThingContext& context,
                              std::vector<platform::StoredThing>& things);

}  // namespace ow::engine
