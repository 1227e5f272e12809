// Takes one commit into a batch: checks every condition against the state, those before it in the batch
// included, then writes all of its parts or nothing. Commit lane only.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/batch.h"
#include "platform/commit.h"
#include "platform/store.h"

namespace ow::engine {

/// The keys whose state decides about the commit, in the order in which apply() looks at them.
std::vector<std::string> deciding_keys(const platform::Commit& commit, const CommitState& state);

/// `entries` are those of deciding_keys(). Error malformed: a queue that nobody declared, or a delayed send
/// to an ordered queue; nothing changed then, nor on a conflict. What is written is moved out of the commit.
base::Result<platform::CommitOutcome> apply(Batch& batch, platform::Commit& commit,
                                            std::span<Cache::Entry* const> entries);

/// Only removes: such a commit is let through when the disk is full.
bool only_removes(const platform::Commit& commit);

}  // namespace ow::engine
