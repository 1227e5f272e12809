// See route_table.h.
#include "http/route_table.h"

#include <algorithm>

#include "base/assert.h"
#include "base/bounds.h"
#include "http/target.h"

namespace ow::http {
namespace {

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> segments;
  segments.reserve(8);
  path.remove_prefix(1);
  while (true) {
    const auto slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

std::string_view parameter_name(std::string_view segment) { return segment.substr(1, segment.size() - 2); }

std::string allow_of(const std::vector<std::pair<std::string, std::size_t>>& methods) {
  std::vector<std::string> names{"OPTIONS"};
  for (const auto& [method, index] : methods) {
    names.push_back(method);
    if (method == "GET") names.emplace_back("HEAD");
  }
  std::sort(names.begin(), names.end());
  std::string allow;
  for (const auto& name : names) {
    if (!allow.empty()) allow += ", ";
    allow += name;
  }
  return allow;
}

}  // namespace

std::vector<std::string> RouteTable::parameter_names(std::string_view pattern) {
  std::vector<std::string> names;
  for (const std::string_view segment : split_path(pattern)) {
    if (is_parameter(segment)) names.emplace_back(parameter_name(segment));
  }
  return names;
}

RouteTable::RouteTable(const Routes& routes) : nodes_(1) {
  for (std::size_t i = 0; i < routes.size(); ++i) add(routes[i], i);
  for (Node& node : nodes_) {
    if (!node.methods.empty()) node.allow = allow_of(node.methods);
  }
}

std::size_t RouteTable::child(std::size_t node, std::string_view segment) {
  const bool parameter = is_parameter(segment);
  const std::size_t fresh = nodes_.size();
  if (parameter) {
    if (nodes_[node].parameter != 0) return nodes_[node].parameter;
    nodes_[node].parameter = fresh;
  } else {
    for (const auto& [text, index] : nodes_[node].literals) {
      if (text == segment) return index;
    }
    nodes_[node].literals.emplace_back(segment, fresh);
  }
  nodes_.emplace_back();
  return fresh;
}

void RouteTable::add(const Route& route, std::size_t index) {
  OW_ASSERT(route.pattern.starts_with('/'), "a route's pattern begins with a slash");
  const auto segments = split_path(route.pattern);
  OW_ASSERT(segments.size() <= base::bounds::kPathSegmentsMax, "a route's pattern is within the segment bound");
  auto names = parameter_names(route.pattern);
  std::sort(names.begin(), names.end());
  OW_ASSERT(std::adjacent_find(names.begin(), names.end()) == names.end(), "a pattern names a parameter once");
  std::size_t node = 0;
  for (const std::string_view segment : segments) {
    OW_ASSERT(!segment.empty() || segments.size() == 1, "a pattern has no empty segment");
    node = child(node, segment);
  }
  for (const auto& [method, other] : nodes_[node].methods) {
    OW_ASSERT(method != route.method, "a method and pattern has one route");
  }
  nodes_[node].methods.emplace_back(route.method, index);
}

const RouteTable::Node* RouteTable::literal(const Node& node, std::string_view segment) const {
  for (const auto& [text, index] : node.literals) {
    if (text == segment) return &nodes_[index];
  }
  return nullptr;
}

// True when a route with this method was found. A node that has the path under other methods only is
// remembered for its Allow and the search goes on.
bool RouteTable::search(const Node& node, const std::vector<std::string>& segments, std::size_t at,
                        std::string_view method, Found& found) const {
  if (at == segments.size()) {
    if (found.allow.empty()) found.allow = node.allow;
    for (const auto& [name, index] : node.methods) {
      if (name != method) continue;
      found.route = index;
      return true;
    }
    return false;
  }
  if (const Node* next = literal(node, segments[at]); next && search(*next, segments, at + 1, method, found)) {
    return true;
  }
  if (node.parameter == 0 || segments[at].empty()) return false;
  found.values.push_back(segments[at]);
  if (search(nodes_[node.parameter], segments, at + 1, method, found)) return true;
  found.values.pop_back();
  return false;
}

base::Result<RouteTable::Found> RouteTable::find(std::string_view method, std::string_view path) const {
  const auto encoded = split_path(path);
  if (encoded.size() > base::bounds::kPathSegmentsMax) return Found{};
  std::vector<std::string> segments;
  segments.reserve(encoded.size());
  for (const std::string_view segment : encoded) {
    auto decoded = percent_decode(segment);
    if (!decoded) return base::fail(std::move(decoded.error()));
    segments.push_back(std::move(*decoded));
  }
  Found found;
  search(nodes_[0], segments, 0, method == "HEAD" ? "GET" : method, found);
  return found;
}

}  // namespace ow::http
