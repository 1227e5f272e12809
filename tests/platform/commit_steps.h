// Random steps for the properties of Commit and StagedStore. Test thread only.
#pragma once

#include <string>

#include <rapidcheck.h>

#include "platform/store.h"

namespace ow::platform {

/// One part of a random step, said without a store: `versioned` expects the version read when it is applied.
struct Part {
  enum class Kind { require, put, erase, move, supply, event, send, schedule, cancel, ack };
  enum class Wish { anything, absent, exists, versioned };
  Kind kind = Kind::put;
  Wish wish = Wish::anything;
  int key = 0;
  int value = 0;
};

using Step = std::vector<Part>;

/// A step with at most one write per key; `versions` allows the wish for one.
rc::Gen<Step> steps(bool versions);

/// The commit of a step decided on what `store` answers now. `store` never waits.
Commit decide(Store& store, const Step& step);

/// All parts of a commit, for comparing.
std::string text_of(const Commit& commit);

}  // namespace ow::platform
