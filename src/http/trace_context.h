// W3C Trace Context (Recommendation, Level 1, with the key syntax of Level 2): what came in becomes what goes
// on to the next hop. Loop thread.
#pragma once

#include <string_view>

#include "http/message.h"
#include "platform/random.h"

namespace ow::http {

/// Keeps a valid trace and makes this hop's span; starts a new, sampled trace when `traceparent` is absent,
/// repeated or invalid (section 3.2), and then drops `tracestate`. An invalid tracestate is dropped whole
/// (section 3.3); of a repeated key the first entry stays. Header names in lower case.
TraceContext continue_trace(const Headers& headers, platform::Random& random);

}  // namespace ow::http
