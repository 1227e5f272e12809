// The subset of JSON Schema (2020-12) that request bodies and query parameters are checked by, compiled once.
// Checked: type (one or a list), properties, required, additionalProperties, items, minItems, maxItems,
// minLength, maxLength (code points), minimum, maximum, exclusiveMinimum, exclusiveMaximum, enum, const.
// Documentation only, the handler's to check: title, description, examples, default, format, pattern,
// multipleOf, deprecated, $comment. Any other keyword is a broken invariant. Unlike in JSON Schema, members
// that `properties` does not list are refused unless additionalProperties says otherwise. Any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace ow::http {

class BodySchema {
 public:
  explicit BodySchema(const base::Json& schema);
  BodySchema(BodySchema&&) noexcept;
  BodySchema& operator=(BodySchema&&) noexcept;
  ~BodySchema();

  /// One sentence per member at fault, each naming it: "items[3].quantity must be an integer >= 1",
  /// "items[0].colour is not a known member". At most bounds::kViolationsMax in `out`. `root` names the value
  /// itself; members of an unnamed root stand alone.
  void check(const base::Json& value, std::string_view root, std::vector<std::string>& out) const;

  /// The same for a query parameter's text, read as the type that the schema names.
  void check_text(std::string_view text, std::string_view name, std::vector<std::string>& out) const;

  /// True when an object without members would not be refused.
  bool accepts_empty_object() const;

  struct Node;

 private:
  std::unique_ptr<Node> root_;
};

}  // namespace ow::http
