// The recorded cases of the W3C Trace Context validation harness, and what each expects of the context that a
// service sends on.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"

namespace ow::tests {

/// ../shared/vectors/w3c-trace-context.json (OW_VECTORS overrides the folder); nothing when it is not there.
std::optional<base::Json> trace_vectors();

/// The headers of a case, in order, names in lower case as the server hands them over.
std::vector<std::pair<std::string, std::string>> trace_headers_of(const base::Json& test_case);

/// GoogleTest expectations on the context that went on.
void expect_trace(const base::Json& expect, const std::string& traceparent, const std::string& tracestate);

}  // namespace ow::tests
