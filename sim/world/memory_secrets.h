// Secrets that survive a simulated crash, as a disk does. One thread.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "platform/secrets.h"

namespace ow::sim {

class MemorySecrets final : public platform::Secrets {
 public:
  base::Result<std::optional<std::string>> get(const std::string& name) override {
    const auto found = secrets_.find(name);
    return found == secrets_.end() ? std::nullopt : std::optional(found->second);
  }
  base::Result<void> put(const std::string& name, const std::string& bytes) override {
    secrets_.insert_or_assign(name, bytes);
    return {};
  }

 private:
  std::map<std::string, std::string> secrets_;
};

}  // namespace ow::sim
