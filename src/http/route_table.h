// Finds the route of a method and a path: a trie of decoded segments, literals before parameters. Built once,
// then read only. Loop thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "http/router.h"

namespace ow::http {

class RouteTable {
 public:
  /// Two routes of one method and pattern, a pattern without leading slash, with an empty segment or a
  /// parameter named twice are broken invariants.
  explicit RouteTable(const Routes& routes);

  struct Found {
    /// Index into the routes; nothing when no route has this path, or none of these this method.
    std::optional<std::size_t> route;
    /// The path's methods as the Allow header lists them; empty when no route has this path.
    std::string_view allow;
    /// Values of the pattern's parameters, in order, decoded.
    std::vector<std::string> values;
  };

  /// `path` begins with a slash, is percent-encoded, holds no dot segment. HEAD finds GET. A slash at the end
  /// makes another path. Error malformed: a segment that cannot be decoded.
  base::Result<Found> find(std::string_view method, std::string_view path) const;

  /// "/api/orders/{id}" -> "id".
  static std::vector<std::string> parameter_names(std::string_view pattern);

 private:
  struct Node {
    std::vector<std::pair<std::string, std::size_t>> literals;
    std::size_t parameter = 0;  // child that takes any segment; 0: none, the root is nobody's child
    std::vector<std::pair<std::string, std::size_t>> methods;  // method -> index of the route
    std::string allow;
  };

  std::size_t child(std::size_t node, std::string_view segment);
  void add(const Route& route, std::size_t index);
  const Node* literal(const Node& node, std::string_view segment) const;
  bool search(const Node& node, const std::vector<std::string>& segments, std::size_t at, std::string_view method,
              Found& found) const;

  std::vector<Node> nodes_;
};

}  // namespace ow::http
