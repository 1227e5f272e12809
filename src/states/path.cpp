// Evaluation of paths; see path.h.
#include "states/path.h"

#include <algorithm>

#include "states/path_filter.h"

namespace ow::states {
namespace {

using base::Json;
using Nodes = std::vector<const Json*>;

const Json* child(const Json& node, const MemberStep& step) { return node.find(step.name); }

const Json* child(const Json& node, const IndexStep& step) {
  if (!node.is_array()) return nullptr;
  const auto size = static_cast<std::int64_t>(node.as_array().size());
  const auto index = step.index < 0 ? step.index + size : step.index;
  return index >= 0 && index < size ? &node.as_array()[static_cast<std::size_t>(index)] : nullptr;
}

void add(Nodes& nodes, const Json* node) {
  if (node != nullptr) nodes.push_back(node);
}

void each_child(const Json& node, Nodes& out) {
  if (node.is_array()) {
    for (const auto& item : node.as_array()) out.push_back(&item);
  } else if (node.is_object()) {
    for (const auto& member : node.as_object()) out.push_back(&member.second);
  }
}

struct Selector {
  const Json& node;
  Nodes& out;

  void operator()(const MemberStep& step) const { add(out, child(node, step)); }
  void operator()(const IndexStep& step) const { add(out, child(node, step)); }
  void operator()(const WildcardStep&) const { each_child(node, out); }
  void operator()(const SliceStep& step) const {
    if (!node.is_array()) return;
    const auto size = static_cast<std::int64_t>(node.as_array().size());
    const auto bound = [size](std::int64_t at) { return std::clamp<std::int64_t>(at < 0 ? at + size : at, 0, size); };
    const auto to = bound(step.to.value_or(size));
    for (auto at = bound(step.from.value_or(0)); at < to; ++at) {
      out.push_back(&node.as_array()[static_cast<std::size_t>(at)]);
    }
  }
  void operator()(const DescendStep& step) const {
    out.push_back(&node);
    Nodes children;
    each_child(node, children);
    for (const auto* below : children) Selector{*below, out}(step);
  }
  void operator()(const UnionStep& step) const {
    for (const auto& choice : step.choices) {
      std::visit([this](const auto& single) { add(out, child(node, single)); }, choice);
    }
  }
  void operator()(const FilterStep& step) const {
    Nodes children;
    if (node.is_array()) {
      each_child(node, children);
    } else {
      children.push_back(&node);
    }
    for (const auto* candidate : children) {
      if (holds(*step.condition, *candidate)) out.push_back(candidate);
    }
  }
};

bool is_single(const PathStep& step) {
  return std::holds_alternative<MemberStep>(step) || std::holds_alternative<IndexStep>(step);
}

const Json* variable(const Scope& scope, const std::string& name) {
  for (const auto* variables : scope.variables) {
    if (const auto* found = variables->find(name)) return found;
  }
  return nullptr;
}

/// The node at one step of a reference path, made where it is absent.
Evaluated<Json*> descend(Json* node, const PathStep& step, const std::string& path) {
  if (const auto* member = std::get_if<MemberStep>(&step)) {
    if (node->is_null()) *node = Json::object();
    if (node->is_object()) {
      if (auto* found = node->find(member->name)) return found;
      node->set(member->name, Json::object());
      return node->find(member->name);
    }
  } else if (const auto* found = child(*node, std::get<IndexStep>(step))) {
    return &node->as_array()[static_cast<std::size_t>(found - node->as_array().data())];
  }
  return failing("States.ResultPathMatchFailure", "Unable to apply ReferencePath " + path + " to the input.");
}

}  // namespace

bool Path::is_definite() const { return std::all_of(steps_.begin(), steps_.end(), is_single); }

bool Path::is_reference() const { return is_definite(); }

const Json* Path::start(const Scope& scope) const {
  switch (root_) {
    case Root::context:
      return scope.context;
    case Root::variable:
      return variable(scope, variable_);
    case Root::input:
      break;
    case Root::candidate:
      break;
  }
  return scope.input;
}

Nodes Path::select(const Json& from) const {
  Nodes nodes{&from};
  for (const auto& step : steps_) {
    Nodes found;
    for (const auto* node : nodes) std::visit(Selector{*node, found}, step);
    nodes = std::move(found);
  }
  return nodes;
}

const Json* Path::find(const Scope& scope) const {
  const auto* node = start(scope);
  for (const auto& step : steps_) {
    if (node == nullptr) return nullptr;
    if (const auto* member = std::get_if<MemberStep>(&step)) {
      node = child(*node, *member);
    } else {
      node = child(*node, std::get<IndexStep>(step));
    }
  }
  return node;
}

Evaluated<Json> Path::read(const Scope& scope) const {
  if (is_definite()) {
    const auto* node = find(scope);
    if (node == nullptr) return failing(kRuntimeError, "Invalid path '" + text_ + "': it names nothing in the input.");
    return *node;
  }
  const auto* from = start(scope);
  if (from == nullptr) return failing(kRuntimeError, "Invalid path '" + text_ + "': there is no such variable.");
  auto list = Json::array();
  for (const auto* node : select(*from)) list.push_back(*node);
  return list;
}

bool Path::is_present(const Scope& scope) const {
  if (is_definite()) return find(scope) != nullptr;
  const auto* from = start(scope);
  return from != nullptr && !select(*from).empty();
}

Evaluated<Json> Path::write(Json whole, Json part) const {
  auto* node = &whole;
  for (const auto& step : steps_) {
    auto below = descend(node, step, text_);
    if (!below) return tl::unexpected(std::move(below.error()));
    node = *below;
  }
  *node = std::move(part);
  return whole;
}

}  // namespace ow::states
