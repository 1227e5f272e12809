// What queues in memory ask of the store and get: messages of a group, pages of groups. Plain data.
#pragma once

#include <string>
#include <vector>

#include "engine/stored.h"

namespace ow::engine {

/// The first messages of one group as a scan found them.
struct FoundGroup {
  std::string name;
  std::vector<MessagePtr> messages;
  bool more = false;  // there are further ones
  /// Ordered queue: the first message may not be received before; 0: now.
  base::Duration blocked_until{};
};

struct FoundPage {
  std::vector<FoundGroup> groups;  // ascending
  bool at_end = false;
};

/// A group to load more of, and behind which sequence.
struct GroupLoad {
  std::string group;
  Sequence behind = 0;
};

}  // namespace ow::engine
