// Matching one way of a pattern, field by field. See pattern_ways.h.
#include <algorithm>

#include "rules/pattern_ways.h"

namespace ow::rules {
namespace {

using base::Json;

struct Wanted {
  const Condition* condition = nullptr;
  bool absence_ruled_out = false;  // some item has the field, so only a value will do

  bool ends_at(std::size_t depth) const { return condition->path.size() == depth; }
};
using AllWanted = std::vector<Wanted>;

bool is_absence(const Matcher& matcher) {
  const auto* exists = std::get_if<ExistsMatcher>(&matcher);
  return exists != nullptr && !exists->expected;
}

bool takes_absence(const Wanted& wanted) { return !wanted.absence_ruled_out && takes_absence(*wanted.condition->leaf); }

bool takes_value(const Wanted& wanted) {
  return !std::all_of(wanted.condition->leaf->begin(), wanted.condition->leaf->end(), is_absence);
}

/// Whether some scalar lies at the path, its steps from `depth` on being below `node`.
bool has_value(const Json& node, const Condition& condition, std::size_t depth) {
  if (node.is_array()) {
    return std::any_of(node.as_array().begin(), node.as_array().end(),
                       [&](const Json& item) { return has_value(item, condition, depth); });
  }
  if (depth == condition.path.size()) return !node.is_object();
  const auto* below = node.find(condition.path[depth]);
  return below != nullptr && has_value(*below, condition, depth + 1);
}

bool all_match(const AllWanted& all, const Json* node, std::size_t depth);

/// The first condition that needs a value chooses the item for all behind it; what may be absent before it is judged
/// over all items.
bool array_matches(const AllWanted& all, const Json& array, std::size_t depth) {
  AllWanted rest;
  for (const auto& wanted : all) {
    if (!rest.empty()) {
      rest.push_back(wanted);
      continue;
    }
    const bool there = has_value(array, *wanted.condition, depth);
    if (!there && takes_absence(wanted)) continue;
    if (!there || !takes_value(wanted)) return false;
    rest.push_back({wanted.condition, true});
  }
  return rest.empty() || std::any_of(array.as_array().begin(), array.as_array().end(),
                                     [&](const Json& item) { return all_match(rest, &item, depth); });
}

/// `node` is no array.
bool leaf_matches(const Wanted& wanted, const Json* node) {
  if (node == nullptr || node->is_object()) return takes_absence(wanted);
  return matches(*wanted.condition->leaf, *node);
}

bool members_match(const AllWanted& all, const Json* node, std::size_t depth) {
  std::vector<bool> done(all.size(), false);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (done[i]) continue;
    const auto name = all[i].condition->path[depth];
    AllWanted same;
    for (std::size_t other = i; other < all.size(); ++other) {
      if (all[other].condition->path[depth] != name) continue;
      done[other] = true;
      same.push_back(all[other]);
    }
    if (!all_match(same, node == nullptr ? nullptr : node->find(name), depth + 1)) return false;
  }
  return true;
}

bool all_match(const AllWanted& all, const Json* node, std::size_t depth) {
  if (node != nullptr && node->is_array()) return array_matches(all, *node, depth);
  AllWanted deeper;
  for (const auto& wanted : all) {
    if (!wanted.ends_at(depth)) {
      deeper.push_back(wanted);
    } else if (!leaf_matches(wanted, node)) {
      return false;
    }
  }
  return members_match(deeper, node, depth);
}

}  // namespace

bool matches(const Leaf& leaf, const Json& scalar) {
  return std::any_of(leaf.begin(), leaf.end(),
                     [&](const Matcher& matcher) { return !is_absence(matcher) && matches(matcher, scalar); });
}

bool takes_absence(const Leaf& leaf) { return std::any_of(leaf.begin(), leaf.end(), is_absence); }

bool way_matches(const Way& way, const Json& event) {
  AllWanted all;
  for (const auto& condition : way) all.push_back({&condition, false});
  return all_match(all, &event, 0);
}

}  // namespace ow::rules
