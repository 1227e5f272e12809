// Port: names to addresses. A step of its own, so that whoever must judge an address sees it before anything is
// sent there. Loop thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"

namespace ow::platform {

class Resolver {
 public:
  virtual ~Resolver() = default;
  /// All addresses, IPv4 and IPv6, that the name has now, as texts without brackets; at least one. The answer of
  /// the next call may be another. Errors: not_found (no such name, no address), unavailable (the name service is
  /// away, or too many wait for it), timed_out.
  virtual base::Task<base::Result<std::vector<std::string>>> resolve(std::string name) = 0;
};

}  // namespace ow::platform
