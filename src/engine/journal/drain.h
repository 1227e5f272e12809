// Takes one overlay down into the tables. Background thread.
#pragma once

#include <functional>
#include <string_view>

#include "base/result.h"
#include "engine/journal/overlay.h"
#include "engine/journal/tables.h"

namespace ow::engine {

using Expired = std::function<bool(std::string_view key, std::string_view value)>;

/// The overlay must not change any more, and the tables must hold everything before it. Errors as
/// Tables::absorb().
base::Result<void> drain(const Overlay& overlay, Tables& tables, const Expired& expired);

/// The last record that the tables hold; 0 when they never took any.
base::Result<RecordNumber> applied_record(const Tables& tables);

}  // namespace ow::engine
