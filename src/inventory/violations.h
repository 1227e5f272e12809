// Collects what is wrong with a request's members, so that one answer names all of it. Loop thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace ow::inventory {

class Violations {
 public:
  /// A member is missing or of another type: the request is malformed (400).
  void malformed(std::string sentence) {
    malformed_ = true;
    sentences_.push_back(std::move(sentence));
  }
  /// A member is well-formed but not acceptable (422).
  void refused(std::string sentence) { sentences_.push_back(std::move(sentence)); }

  bool empty() const { return sentences_.empty(); }

  /// `reason` and `message` are of the whole request. Error malformed when any member is, else unprocessable.
  base::Result<void> verdict(std::string reason, std::string message) const {
    if (sentences_.empty()) return {};
    const auto code = malformed_ ? base::ErrorCode::malformed : base::ErrorCode::unprocessable;
    return base::fail({code, std::move(reason), std::move(message), sentences_});
  }

 private:
  std::vector<std::string> sentences_;
  bool malformed_ = false;
};

}  // namespace ow::inventory
