// The leaves that many patterns test values by, each kept once however many patterns hold it. One thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "rules/pattern_node.h"

namespace ow::rules {

using LeafId = std::uint32_t;

class LeafPool {
 public:
  /// Equal leaves have the same number.
  LeafId keep(const Leaf& leaf);

  /// Its matchers stay where they are as long as the pool; the leaf itself until the next keep().
  const Leaf& leaf(LeafId id) const { return kept_[id].leaf; }
  /// Whether some test of it wants that there is no value.
  bool takes_absence(LeafId id) const { return kept_[id].takes_absence; }

 private:
  struct Kept {
    Leaf leaf;
    bool takes_absence = false;
  };

  std::vector<Kept> kept_;
  std::unordered_map<std::string, LeafId> by_text_;
};

}  // namespace ow::rules
