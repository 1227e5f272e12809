// See pattern.h.
#include "rules/pattern.h"

#include <algorithm>

#include "rules/matcher_parser.h"
#include "rules/pattern_node.h"

namespace ow::rules {

namespace {

using base::Json;
using base::Result;

constexpr int kDepthMax = 64;

tl::unexpected<base::Error> refuse_pattern(const std::string& place, std::string_view why) {
  return base::fail(base::ErrorCode::malformed, "invalid_pattern",
                    (place.empty() ? "the pattern" : place) + ": " + std::string(why));
}

std::string below(const std::string& place, const std::string& name) {
  return place.empty() ? name : place + "." + name;
}

/// `$or` is the operator when it lists at least two objects of members; else it is a member of that name.
bool is_alternatives(const std::string& name, const Json& value) {
  if (name != "$or" || !value.is_array() || value.as_array().size() < 2) return false;
  return std::all_of(value.as_array().begin(), value.as_array().end(), [](const Json& each) {
    return each.is_object() && !each.as_object().empty() && !is_operator(each.as_object().front().first);
  });
}

Result<PatternNode> parse_node(const Json& pattern, const std::string& place, int depth);

Result<Leaf> parse_leaf(const Json& items, const std::string& place) {
  if (items.as_array().empty()) return refuse_pattern(place, "an array must not be empty");
  Leaf leaf;
  for (const auto& item : items.as_array()) {
    auto matcher = parse_matcher(item, place + "[" + std::to_string(leaf.size()) + "]");
    if (!matcher) return base::fail(std::move(matcher.error()));
    leaf.push_back(std::move(*matcher));
  }
  return leaf;
}

bool has_leaf(const PatternNode& node, const std::string& name) {
  return std::any_of(node.members.begin(), node.members.end(), [&name](const auto& member) {
    return member.name == name && std::holds_alternative<Leaf>(member.wanted);
  });
}

/// An alternative that names a field of the object around it takes that field's place; the others keep it.
void move_overridden(PatternNode& node, std::vector<PatternNode>& alternatives) {
  const auto overridden = [&alternatives](const PatternNode::Member& member) {
    return std::holds_alternative<Leaf>(member.wanted) &&
           std::any_of(alternatives.begin(), alternatives.end(),
                       [&member](const PatternNode& each) { return has_leaf(each, member.name); });
  };
  for (const auto& member : node.members) {
    if (!overridden(member)) continue;
    for (auto& alternative : alternatives) {
      if (!has_leaf(alternative, member.name)) alternative.members.push_back(member);
    }
  }
  std::erase_if(node.members, overridden);
}

Result<void> add_alternatives(PatternNode& node, const Json& items, const std::string& place, int depth) {
  std::vector<PatternNode> alternatives;
  for (const auto& item : items.as_array()) {
    auto each = parse_node(item, place + "[" + std::to_string(alternatives.size()) + "]", depth);
    if (!each) return base::fail(std::move(each.error()));
    alternatives.push_back(std::move(*each));
  }
  move_overridden(node, alternatives);
  node.alternatives.push_back(std::move(alternatives));
  return {};
}

Result<void> add_member(PatternNode& node, const Json::Member& member, const std::string& place, int depth) {
  const auto& [name, value] = member;
  if (value.is_array()) {
    auto leaf = parse_leaf(value, place);
    if (!leaf) return base::fail(std::move(leaf.error()));
    node.members.push_back({name, std::move(*leaf)});
    return {};
  }
  if (!value.is_object()) return refuse_pattern(place, "must be an object or an array");
  auto nested = parse_node(value, place, depth);
  if (!nested) return base::fail(std::move(nested.error()));
  node.members.push_back({name, std::make_shared<const PatternNode>(std::move(*nested))});
  return {};
}

Result<PatternNode> parse_node(const Json& pattern, const std::string& place, int depth) {
  if (!pattern.is_object()) return refuse_pattern(place, "must be an object");
  if (pattern.as_object().empty()) return refuse_pattern(place, "an object must not be empty");
  if (depth == kDepthMax) return refuse_pattern(place, "is nested too deep");
  PatternNode node;
  for (const auto& member : pattern.as_object()) {
    const auto here = below(place, member.first);
    auto added = is_alternatives(member.first, member.second) ? add_alternatives(node, member.second, here, depth + 1)
                                                              : add_member(node, member, here, depth + 1);
    if (!added) return base::fail(std::move(added.error()));
  }
  return node;
}

}  // namespace

Result<Pattern> Pattern::compile(const Json& pattern) {
  auto root = parse_node(pattern, "", 0);
  if (!root) return base::fail(std::move(root.error()));
  auto compiled = std::make_shared<Compiled>();
  compiled->root = std::move(*root);
  compiled->ways = ways_of(compiled->root);
  if (compiled->ways.empty())
    return refuse_pattern("", "its $or make more than " + std::to_string(kWaysMax) + " combinations");
  return Pattern(std::move(compiled));
}

Result<Pattern> Pattern::compile_text(std::string_view text) {
  auto json = base::parse_json(text);
  if (!json) return refuse_pattern("", "not JSON: " + json.error().message);
  return compile(*json);
}

bool Pattern::match(const Json& event) const {
  return std::any_of(compiled_->ways.begin(), compiled_->ways.end(),
                     [&event](const Way& way) { return way_matches(way, event); });
}

}  // namespace ow::rules
