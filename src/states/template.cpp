// See template.h.
#include "states/template.h"

#include <algorithm>

namespace ow::states {

using base::Json;

Template::Template(Node node) : node_(std::move(node)) {}

base::Result<Template> Template::parse(const Json& text, const std::string& place) {
  std::vector<std::string> violations;
  auto parsed = parse_node(text, place, violations);
  if (violations.empty()) return parsed;
  base::Error error{base::ErrorCode::malformed, "invalid_template", violations.front(), violations};
  return base::fail(std::move(error));
}

Template Template::parse_node(const Json& text, const std::string& place, std::vector<std::string>& violations) {
  if (text.is_object()) return parse_members(text, place, violations);
  if (!text.is_array()) return Template(text);
  Items items;
  for (const auto& item : text.as_array()) {
    items.push_back(parse_node(item, place + "[" + std::to_string(items.size()) + "]", violations));
  }
  const bool literal = std::all_of(items.begin(), items.end(), [](const auto& item) { return item.is_literal(); });
  return literal ? Template(text) : Template(std::move(items));
}

Template Template::parse_members(const Json& text, const std::string& place, std::vector<std::string>& violations) {
  Members members;
  bool literal = true;
  for (const auto& [name, value] : text.as_object()) {
    const auto here = place + "." + name;
    if (!name.ends_with(".$")) {
      members.emplace_back(name, parse_node(value, here, violations));
      literal = literal && members.back().second.is_literal();
      continue;
    }
    literal = false;
    auto expression = value.is_string()
                          ? Expression::parse(value.as_string())
                          : base::fail(base::ErrorCode::malformed, "invalid_expression", "must be a text");
    if (!expression) {
      violations.push_back(here + " must be a path or an intrinsic function: " + expression.error().message);
    } else {
      members.emplace_back(name.substr(0, name.size() - 2), Template(std::move(*expression)));
    }
  }
  return literal ? Template(text) : Template(std::move(members));
}

Evaluated<Json> Template::evaluate(const Scope& scope) const {
  if (const auto* literal = std::get_if<Json>(&node_)) return *literal;
  if (const auto* expression = std::get_if<Expression>(&node_)) return expression->evaluate(scope);
  if (const auto* items = std::get_if<Items>(&node_)) {
    auto list = Json::array();
    for (const auto& item : *items) {
      auto value = item.evaluate(scope);
      if (!value) return value;
      list.push_back(std::move(*value));
    }
    return list;
  }
  auto object = Json::object();
  for (const auto& [name, member] : std::get<Members>(node_)) {
    auto value = member.evaluate(scope);
    if (!value) return value;
    object.set(name, std::move(*value));
  }
  return object;
}

}  // namespace ow::states
