// See leaf_pool.h.
#include "rules/leaf_pool.h"

#include "rules/pattern_ways.h"

namespace ow::rules {

LeafId LeafPool::keep(const Leaf& leaf) {
  const auto [known, is_new] = by_text_.try_emplace(leaf_text(leaf), static_cast<LeafId>(kept_.size()));
  if (is_new) kept_.push_back({leaf, rules::takes_absence(leaf)});
  return known->second;
}

}  // namespace ow::rules
