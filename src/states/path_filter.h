// The conditions of path filters, `[?(@.price < 10 && @.kind == 'book')]`. Immutable: any thread.
#pragma once

#include <memory>

#include "base/json.h"
#include "base/result.h"
#include "states/text_cursor.h"

namespace ow::states {

struct FilterExpression;

/// Behind `?`: a condition, in parentheses.
base::Result<std::shared_ptr<const FilterExpression>> parse_filter(TextCursor& cursor);

bool holds(const FilterExpression& condition, const base::Json& candidate);

}  // namespace ow::states
