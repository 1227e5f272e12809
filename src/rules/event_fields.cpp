// See event_fields.h.
#include "rules/event_fields.h"

namespace ow::rules {
namespace {

using base::Json;

/// Up to so many children are sought one by one among an object's members; more are looked up.
constexpr std::size_t kFewChildren = 6;

}  // namespace

PathId EventFields::path_id(const std::vector<std::string_view>& path) {
  PathId node = 0;
  for (const auto step : path) node = child(node, step);
  return node;
}

PathId EventFields::child(PathId parent, std::string_view name) {
  if (const auto found = find_child(nodes_[parent], name); found != 0) return found;
  const auto id = static_cast<PathId>(nodes_.size());
  auto& node = nodes_.emplace_back();
  node.name = name;
  node.top = parent == 0 ? id : nodes_[parent].top;
  auto& above = nodes_[parent];
  above.children.push_back(id);
  if (above.children.size() <= kFewChildren) return id;
  for (const auto each : above.children) above.by_name.emplace(nodes_[each].name, each);
  return id;
}

PathId EventFields::find_child(const Node& node, std::string_view name) const {
  if (!node.by_name.empty()) {
    const auto found = node.by_name.find(name);
    return found == node.by_name.end() ? 0 : found->second;
  }
  for (const auto each : node.children) {
    if (nodes_[each].name == name) return each;
  }
  return 0;
}

void EventFields::begin(EventView& event) {
  event_ = &event;
  ++event_number_;
}

const std::vector<const Json*>& EventFields::values(PathId path) {
  const auto top = nodes_[path].top;
  if (nodes_[top].read != event_number_) {
    clear(top);
    if (const auto* value = event_->member(nodes_[top].name)) read(top, *value);
  }
  return nodes_[path].values;
}

const std::vector<PathId>& EventFields::present() {
  if (all_read_ == event_number_) return present_;
  for (const auto top : nodes_.front().children) values(top);
  present_.clear();
  for (PathId path = 1; path < nodes_.size(); ++path) {
    if (!nodes_[path].values.empty()) present_.push_back(path);
  }
  all_read_ = event_number_;
  return present_;
}

void EventFields::clear(PathId path) {
  auto& node = nodes_[path];
  node.read = event_number_;
  node.values.clear();
  node.through_array = false;
  for (const auto each : node.children) clear(each);
}

void EventFields::read(PathId path, const Json& value) {
  if (value.is_object()) return read_members(nodes_[path], value);
  if (!value.is_array()) return nodes_[path].values.push_back(&value);
  if (!nodes_[path].children.empty()) mark(nodes_[path]);
  for (const auto& item : value.as_array()) read(path, item);
}

void EventFields::mark(const Node& node) {
  for (const auto each : node.children) {
    if (nodes_[each].through_array) continue;
    nodes_[each].through_array = true;
    mark(nodes_[each]);
  }
}

void EventFields::read_members(const Node& node, const Json& object) {
  if (node.by_name.empty()) {
    for (const auto each : node.children) {
      if (const auto* value = object.find(nodes_[each].name)) read(each, *value);
    }
    return;
  }
  for (const auto& [name, value] : object.as_object()) {
    if (const auto each = find_child(node, name); each != 0) read(each, value);
  }
}

}  // namespace ow::rules
