// The public conformance vectors, which live outside the repository.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"

namespace ow::states_test {

/// `../shared/vectors` from the project's root, or OW_VECTORS. Nothing when the file is not there.
std::optional<base::Json> load_vectors(const std::string& file);

}  // namespace ow::states_test
