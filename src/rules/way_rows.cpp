// See way_rows.h.
#include "rules/way_rows.h"

namespace ow::rules {

RowId WayRows::add(RuleSlot slot, bool exact, std::span<const Test> tests) {
  const auto row = static_cast<RowId>(words_.size());
  words_.insert(words_.end(), {0, slot, static_cast<std::uint32_t>(2 * tests.size()) | (exact ? 1U : 0U)});
  for (const auto test : tests) words_.insert(words_.end(), {test.path, test.leaf});
  return row;
}

}  // namespace ow::rules
