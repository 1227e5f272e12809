// Collects what is wrong with a request's members, so that one answer names all of it. Loop thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace ow::inventory {

/// For what is well-formed but not acceptable (422); the edge refused what does not fit the route's schema
/// (400).
class Violations {
 public:
  void add(std::string sentence) { sentences_.push_back(std::move(sentence)); }
  bool empty() const { return sentences_.empty(); }

  /// `reason` and `message` are of the whole request. Error unprocessable when anything was added.
  base::Result<void> verdict(std::string reason, std::string message) const {
    if (sentences_.empty()) return {};
    return base::fail({base::ErrorCode::unprocessable, std::move(reason), std::move(message), sentences_});
  }

 private:
  std::vector<std::string> sentences_;
};

}  // namespace ow::inventory
