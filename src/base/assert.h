// Assertions that stay on in release builds. A broken invariant ends the process: state that cannot be
// explained must not be written. Any thread.
#pragma once

namespace ow::base {

/// Prints `file:line: broken invariant: what` to standard error and aborts.
[[noreturn]] void broken_invariant(const char* what, const char* file, int line) noexcept;

}  // namespace ow::base

/// OW_ASSERT(condition, "what must hold"): for invariants only, never for input.
#define OW_ASSERT(condition, what) \
  ((condition) ? static_cast<void>(0) : ::ow::base::broken_invariant(what, __FILE__, __LINE__))
