// Port: secrets of the installation (signing keys). Kept apart from records, never logged. Blocking is
// allowed: start-up only. Any thread.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace ow::platform {

class Secrets {
 public:
  virtual ~Secrets() = default;
  virtual base::Result<std::optional<std::string>> get(const std::string& name) = 0;
  /// Durable before it returns; replaces.
  virtual base::Result<void> put(const std::string& name, const std::string& bytes) = 0;
};

}  // namespace ow::platform
