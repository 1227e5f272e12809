// What every list route of the features reads from a request: who looks, and how much at a time. Loop thread.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"
#include "http/message.h"

namespace ow::http {

/// Operators and admins see everything; others their own.
bool is_operator(const RequestContext& context);

/// A query parameter, or "" when it was not given.
std::string query_text(const RequestContext& context, const std::string& name);

/// `limit`, 1 to `limit_max`, which is also the default. Error malformed.
base::Result<std::size_t> page_limit(const RequestContext& context, std::size_t limit_max);

/// `{items, nextCursor}`; an empty cursor is written as null.
base::Json page_json(base::Json::Array items, const std::string& next_cursor);

}  // namespace ow::http
