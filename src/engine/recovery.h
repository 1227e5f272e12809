// What open() reads before the engine runs: format, numbers, queues, receive counts. Marks and ready sets are
// not: queues load lazily. Before the loop runs, or on it.
#pragma once

#include <vector>

#include "base/result.h"
#include "engine/commit_state.h"
#include "engine/stored.h"
#include "platform/event_rules.h"
#include "platform/key_value.h"

namespace ow::engine {

struct RecoveredQueue {
  StoredQueue queue;
  /// Receive counts that were not folded in; messages consumed since may be among them.
  std::vector<ReceivedMessage> received;
  /// Receive slots that hold them.
  std::uint32_t slots = 0;
};

struct Recovered {
  CommitState state;
  std::vector<RecoveredQueue> queues;  // by number
};

/// Makes the format record in an empty store. Errors: unsupported (newer format, naming both numbers),
/// internal (damage).
base::Result<Recovered> recover(platform::KeyValue& key_value);

/// Tells the rules of every record that defines one. Errors: internal (damage), what the rules say.
base::Result<void> recover_rules(platform::KeyValue& key_value, platform::EventRules& rules);

}  // namespace ow::engine
