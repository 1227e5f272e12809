// Parses the items of a pattern's leaf. Any thread.
#pragma once

#include <string>

#include "base/json.h"
#include "base/result.h"
#include "rules/matchers.h"

namespace ow::rules {

/// A scalar or an object of one operator. Error malformed, opening with `place`.
base::Result<Matcher> parse_matcher(const base::Json& item, const std::string& place);

/// True when the name is one of the operators ("prefix", "anything-but", …).
bool is_operator(std::string_view name);

}  // namespace ow::rules
