// A pattern as the ways in which it may match: `$or` multiplied out, each way a list of leaves that must all hold.
// What an index over many patterns is built of. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "rules/pattern.h"
#include "rules/pattern_node.h"

namespace ow::rules {

/// Of more ways only the leaves are taken that all of them share.
inline constexpr std::size_t kWaysMax = 128;

struct Condition {
  std::vector<std::string_view> path;
  const Leaf* leaf = nullptr;
};

struct Ways {
  /// Texts and leaves belong to the pattern. In each the most telling condition comes first, those on the
  /// event's envelope before those on its detail.
  std::vector<std::vector<Condition>> ways;
  /// False: an event may fit a way and yet not match.
  bool exact = true;
};

Ways ways_of(const Pattern& pattern);

/// Equal for leaves that hold the same tests.
std::string leaf_text(const Leaf& leaf);

}  // namespace ow::rules
