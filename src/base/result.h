// Expected failure as a value. Every fallible function returns Result<T>; exceptions of third-party
// libraries are caught where the library is called. Any thread.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace ow::base {

/// What a caller can do about a failure. Mapped to HTTP in one place (http/problem.cpp) and to exit codes in
/// one place (app). A new code only if some caller acts on it.
enum class ErrorCode {
  malformed,        // 400: cannot be read, or names an unknown member
  unauthenticated,  // 401
  forbidden,        // 403
  not_found,        // 404
  conflict,         // 409: state does not allow it now
  gone,             // 410: was there and is not kept any more
  too_large,        // 413
  unprocessable,    // 422: well-formed but refused
  rate_limited,     // 429
  internal,         // 500: a defect or an impossible answer of a dependency
  unsupported,      // 501: this engine cannot do it, by name
  unavailable,      // 503: overload, shutting down, dependency away; trying again helps
  timed_out,        // 504: no answer in time; the outcome is unknown
  storage_full,     // 507: writes refused until space returns
};

/// `reason` is a stable snake_case slug for programs ("out_of_stock"), `message` a sentence for people,
/// `violations` one sentence per member at fault, each naming its field.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string reason;
  std::string message;
  std::vector<std::string> violations = {};
  std::optional<int> retry_after_s = std::nullopt;
};

template <typename T>
using Result = tl::expected<T, Error>;

/// `return fail(ErrorCode::not_found, "order_not_found", "There is no order ord_1.");`
inline tl::unexpected<Error> fail(ErrorCode code, std::string reason, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(reason), std::move(message)});
}
inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace ow::base
