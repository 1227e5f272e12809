// What a pattern means, written from the documentation and nothing else: slow, without compiling, without an index.
// The judge of the matchers. Any thread.
#pragma once

#include "base/json.h"

namespace ow::tests {

/// `pattern` is a valid pattern, `event` an object.
bool documented_match(const base::Json& pattern, const base::Json& event);

}  // namespace ow::tests
