// See way_judge.h.
#include "rules/way_judge.h"

#include <algorithm>

#include "rules/pattern_ways.h"

namespace ow::rules {
namespace {

/// One value out of an array is in some item for sure; two may be in different ones.
constexpr unsigned kUnsure = 2;

}  // namespace

bool WayJudge::rest_holds(WayRow way, WayEntry entry) {
  for (auto number = entry.held; number < way.size(); ++number) {
    if (!holds(way.test(number))) return false;
  }
  return true;
}

/// An item of an array may lack what another item has.
bool WayJudge::holds(Test test) {
  const auto& values = fields_.values(test.path);
  if (leaves_.takes_absence(test.leaf) && (values.empty() || fields_.through_array(test.path))) return true;
  const auto& leaf = leaves_.leaf(test.leaf);
  return std::ranges::any_of(values, [&](const FieldValue& value) { return matches(leaf, *value.json); });
}

Verdict WayJudge::together(WayRow way, WayEntry entry) {
  if (!way.exact()) return Verdict::unsure;
  if (doubt(way) < kUnsure) return Verdict::yes;
  for (std::uint32_t number = 0; number < way.size(); ++number) {
    if (is_beyond(way.test(number))) return Verdict::unsure;
  }
  for (std::uint32_t number = 0; number < way.size(); ++number) {
    if (first_of_array(way, number) && !some_item_holds(way, number, entry)) return Verdict::no;
  }
  return Verdict::yes;
}

/// How far the values may lie in different items of an array.
unsigned WayJudge::doubt(WayRow way) const {
  unsigned sum = 0;
  for (std::uint32_t number = 0; number < way.size(); ++number) {
    const auto test = way.test(number);
    if (fields_.through_array(test.path)) sum += leaves_.takes_absence(test.leaf) ? kUnsure : 1;
  }
  return sum;
}

/// Something may be absent, or lies in arrays within arrays, whose items are not told apart.
bool WayJudge::is_beyond(Test test) const {
  return leaves_.takes_absence(test.leaf) || fields_.through_nested_arrays(test.path);
}

bool WayJudge::first_of_array(WayRow way, std::uint32_t number) const {
  const auto array = fields_.array_of(way.test(number).path);
  if (array == 0) return false;
  for (std::uint32_t before = 0; before < number; ++before) {
    if (fields_.array_of(way.test(before).path) == array) return false;
  }
  return true;
}

/// The item by which the index came here is the only one of its array that can do.
bool WayJudge::some_item_holds(WayRow way, std::uint32_t number, WayEntry entry) {
  const auto first = way.test(number);
  const auto array = fields_.array_of(first.path);
  if (entry.held > 0 && entry.item != WayEntry::kSeveralItems &&
      fields_.array_of(way.test(entry.held - 1).path) == array) {
    return item_holds(way, array, entry.item, entry.held - 1);
  }
  return std::ranges::any_of(fields_.values(first.path),
                             [&](const FieldValue& value) { return item_holds(way, array, value.item, way.size()); });
}

/// All tests on the array but the one that is known to hold there.
bool WayJudge::item_holds(WayRow way, PathId array, std::uint32_t item, std::uint32_t known) {
  for (std::uint32_t number = 0; number < way.size(); ++number) {
    const auto test = way.test(number);
    if (number != known && fields_.array_of(test.path) == array && !item_holds(test, item)) return false;
  }
  return true;
}

/// Values are in order of their items.
bool WayJudge::item_holds(Test test, std::uint32_t item) {
  const auto& leaf = leaves_.leaf(test.leaf);
  const auto of_item = std::ranges::equal_range(fields_.values(test.path), item, {}, &FieldValue::item);
  return std::ranges::any_of(of_item, [&](const FieldValue& value) { return matches(leaf, *value.json); });
}

}  // namespace ow::rules
