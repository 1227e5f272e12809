// Payload templates (Parameters, ResultSelector, ItemSelector, Assign): JSON in which a member whose name ends
// in `.$` takes the value of an expression. Source: states-language.net "Payload Template". Immutable: any thread.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "states/expression.h"

namespace ow::states {

class Template {
 public:
  /// Error malformed with one violation per member at fault, each opening with its place below `place`.
  static base::Result<Template> parse(const base::Json& text, const std::string& place);

  Evaluated<base::Json> evaluate(const Scope& scope) const;

 private:
  using Members = std::vector<std::pair<std::string, Template>>;
  using Items = std::vector<Template>;
  using Node = std::variant<base::Json, Expression, Members, Items>;

  explicit Template(Node node);
  static Template parse_node(const base::Json& text, const std::string& place, std::vector<std::string>& violations);
  static Template parse_members(const base::Json& text, const std::string& place, std::vector<std::string>& violations);
  bool is_literal() const { return std::holds_alternative<base::Json>(node_); }

  Node node_;
};

}  // namespace ow::states
