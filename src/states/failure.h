// How the language's own functions fail: by an error name that Retry and Catch can match. Any thread.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace ow::states {

/// A failure in the language's terms (Amazon States Language, "Errors"): caught by Retry and Catch by name.
/// Both are empty for a Fail state that names neither.
struct TaskFailure {
  std::string error;  // "Order.OutOfStock"
  std::string cause;
};

template <typename T>
using Evaluated = tl::expected<T, TaskFailure>;

inline constexpr const char* kRuntimeError = "States.Runtime";
inline constexpr const char* kIntrinsicFailure = "States.IntrinsicFailure";
inline constexpr const char* kTimeoutError = "States.Timeout";
inline constexpr const char* kHeartbeatError = "States.HeartbeatTimeout";

inline tl::unexpected<TaskFailure> failing(std::string error, std::string cause) {
  return tl::unexpected<TaskFailure>(TaskFailure{std::move(error), std::move(cause)});
}

}  // namespace ow::states
