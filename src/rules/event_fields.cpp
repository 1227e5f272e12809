// See event_fields.h.
#include "rules/event_fields.h"

namespace ow::rules {
namespace {

using base::Json;

/// What an object or array holds lies apart in memory.
void prefetch(const Json& value) {
  if (value.is_object()) __builtin_prefetch(value.as_object().data());
  if (value.is_array()) __builtin_prefetch(value.as_array().data());
}

/// Up to so many children are sought one by one among an object's members; of more, the members are looked up.
constexpr std::size_t kFewChildren = 32;

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
  above.children.push_back({id, 0});
  if (above.children.size() <= kFewChildren) return id;
  for (const auto& each : above.children) above.by_name.emplace(nodes_[each.id].name, each.id);
  return id;
}

PathId EventFields::find_child(const Node& node, std::string_view name) const {
  if (!node.by_name.empty()) {
    const auto found = node.by_name.find(name);
    return found == node.by_name.end() ? 0 : found->second;
  }
  for (const auto& each : node.children) {
    if (nodes_[each.id].name == name) return each.id;
  }
  return 0;
}

void EventFields::begin(EventView& event) {
  event_ = &event;
  ++event_number_;
}

const std::vector<FieldValue>& EventFields::values(PathId path) {
  const auto top = nodes_[path].top;
  if (nodes_[top].read != event_number_) {
    clear(top);
    if (const auto* value = event_->member(nodes_[top].name)) read(top, *value, 0);
  }
  return nodes_[path].values;
}

const std::vector<PathId>& EventFields::present() {
  if (all_read_ == event_number_) return present_;
  for (const auto& top : nodes_.front().children) values(top.id);
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
  node.array = 0;
  node.nested = false;
  for (const auto& each : node.children) clear(each.id);
}

void EventFields::read(PathId path, const Json& value, std::uint32_t item) {
  if (value.is_object()) return read_members(path, value, item);
  if (value.is_array()) return read_items(path, value, item);
  nodes_[path].values.push_back({&value, item});
}

void EventFields::read_items(PathId path, const Json& array, std::uint32_t item) {
  const bool has_members = !nodes_[path].children.empty();
  if (has_members) mark(path, path);
  if (has_members) prefetch_items(path, array.as_array());
  std::uint32_t number = 0;
  // Items of an array within items are not told apart: nested says so.
  for (const auto& each : array.as_array()) read(path, each, has_members && item == 0 ? ++number : item);
}

/// What lies at `path` and below it is in items of `array`.
void EventFields::mark(PathId path, PathId array) {
  auto& node = nodes_[path];
  node.nested = node.nested || node.array != 0;
  if (node.array == 0) node.array = array;
  for (const auto& each : node.children) mark(each.id, array);
}

/// All items' members are on their way before the first is read.
void EventFields::prefetch_items(PathId path, const Json::Array& items) const {
  for (const auto& item : items) {
    if (!item.is_object()) continue;
    const auto& members = item.as_object();
    for (const auto& each : nodes_[path].children) {
      if (each.place < members.size()) __builtin_prefetch(&members[each.place]);
    }
  }
}

/// So is what all its members hold.
void EventFields::read_members(PathId path, const Json& object, std::uint32_t item) {
  if (!nodes_[path].by_name.empty()) return read_many(path, object, item);
  const auto& members = object.as_object();
  auto& children = nodes_[path].children;
  for (const auto& each : children) {
    if (each.place < members.size()) __builtin_prefetch(&members[each.place]);
  }
  for (auto& each : children) {
    find_member(each, nodes_[each.id].name, members);
    if (each.value != nullptr) prefetch(*each.value);
  }
  for (const auto& each : children) {
    if (each.value != nullptr) read(each.id, *each.value, item);
  }
}

/// Objects of one kind mostly have their members in the same order, so each is first sought where it was last.
void EventFields::find_member(Child& child, std::string_view name, const Json::Object& members) {
  auto place = child.place;
  if (place >= members.size() || members[place].first != name) {
    place = 0;
    while (place < members.size() && members[place].first != name) ++place;
  }
  child.value = nullptr;
  if (place == members.size()) return;
  child.place = place;
  child.value = &members[place].second;
}

void EventFields::read_many(PathId path, const Json& object, std::uint32_t item) {
  for (const auto& [name, value] : object.as_object()) {
    if (const auto each = find_child(nodes_[path], name); each != 0) read(each, value, item);
  }
}

}  // namespace ow::rules
