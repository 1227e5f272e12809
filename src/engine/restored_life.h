// What a restore changes in a store: it goes back in time, but the numbers it gives out do not. Numbers that
// the undone life may have given out are never given out again, so an id or a cursor of that life can be told
// from every later one. Before the engine opens; one thread.
#pragma once

#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "engine/layout.h"
#include "platform/key_value.h"

namespace ow::engine {

/// One restore: the numbers from `lost_from` up to, not including, `begins` belong to a life that it undid.
struct RestoredLife {
  Sequence lost_from = 0;
  Sequence begins = 0;
  base::Instant at;
};

/// Begins a new life at `now` in a store that was copied from a snapshot. The first number of the new life is
/// the time in microseconds: no life gives out a million numbers a second for long, so every number of an
/// earlier life is below it, also of another restore of the same snapshot. Durable before it returns.
base::Result<RestoredLife> begin_restored_life(platform::KeyValue& key_value, base::Instant now);

/// All restores that this store has been through, oldest first.
base::Result<std::vector<RestoredLife>> restored_lives(const platform::KeyValue& key_value);

/// The restore that undid this number; nothing when none did.
const RestoredLife* undone_by(const std::vector<RestoredLife>& lives, Sequence sequence);

}  // namespace ow::engine
