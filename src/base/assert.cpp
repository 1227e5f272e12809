// See assert.h.
#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace ow::base {

void broken_invariant(const char* what, const char* file, int line) noexcept {
  std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, what);
  std::abort();
}

}  // namespace ow::base
