// A pattern as the ways in which it may match: `$or` multiplied out, each way a list of leaves that must all hold.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "rules/pattern_node.h"

namespace ow::rules {

/// EventBridge refuses patterns whose `$or` make more combinations.
inline constexpr std::size_t kWaysMax = 1'000;

struct Condition {
  std::vector<std::string_view> path;  // texts of the pattern
  const Leaf* leaf = nullptr;          // of the pattern
};

/// Its conditions are in order of their paths' names, joined by dots.
using Way = std::vector<Condition>;

/// Nothing when there are more than kWaysMax.
std::vector<Way> ways_of(const PatternNode& root);

/// Whether the event's values satisfy all conditions. Values below one array must lie within one of its items. A field
/// that must be absent must be so in the items that the conditions before it chose; where none did, in all items. This
/// order is EventBridge's own (event-ruler, "array consistency"). The cost is linear in event times conditions.
bool way_matches(const Way& way, const base::Json& event);

/// Whether some test of the leaf holds for the scalar.
bool matches(const Leaf& leaf, const base::Json& scalar);
/// Whether some test of the leaf wants that there is no value.
bool takes_absence(const Leaf& leaf);

/// The most telling condition first, those on the event's envelope before those on its detail.
void sort_telling(Way& way);

/// Equal for leaves that hold the same tests.
std::string leaf_text(const Leaf& leaf);

}  // namespace ow::rules
