// The one place where an error becomes an HTTP answer: problem details (RFC 9457). Any thread.
#pragma once

#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace ow::http {

int status_of(base::ErrorCode code);

/// The standard phrase (RFC 9110 section 15) of a status that this program answers with, else "Error".
std::string_view status_phrase(int status);

/// `application/problem+json` with type (`/errors/<reason>`), title, status and detail, and the extension
/// members `error` (the reason), `message`, `requestId` and, where members are at fault, `violations`. 429
/// and 503 always carry Retry-After. What an internal error or a full disk says of the inside stays out.
Response problem(const base::Error& error, std::string_view request_id);

/// The same with a status that no ErrorCode stands for (405, 415).
Response problem(int status, const base::Error& error, std::string_view request_id);

}  // namespace ow::http
