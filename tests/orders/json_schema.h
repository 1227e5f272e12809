// The part of JSON Schema (2020-12) that docs/events uses; an unknown keyword is a violation, so that the
// schemas cannot promise what is not checked. Test thread only.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace ow::tests {

/// A sentence for each place where `value` breaks `schema`.
std::vector<std::string> violations_of(const base::Json& schema, const base::Json& value, const std::string& at = "$");

}  // namespace ow::tests
