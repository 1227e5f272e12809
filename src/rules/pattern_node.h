// The parts of a compiled pattern, for what matches or indexes it. Immutable: any thread.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "rules/matchers.h"

namespace ow::rules {

using Leaf = std::vector<Matcher>;

/// An object of a pattern: all members, and one alternative of each `$or`, must match.
struct PatternNode {
  struct Member {
    std::string name;
    std::variant<Leaf, std::shared_ptr<const PatternNode>> wanted;
  };
  std::vector<Member> members;
  std::vector<std::vector<PatternNode>> alternatives;
};

}  // namespace ow::rules
