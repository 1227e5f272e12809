// Event patterns in the language of EventBridge content filtering: which events a rule wants. Source: Amazon
// EventBridge user guide, "Comparison operators for use in event patterns". Immutable once compiled: any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace ow::rules {

struct PatternNode;

class Pattern {
 public:
  /// Error malformed, naming place and reason ("detail.total[0].numeric: the range is empty").
  static base::Result<Pattern> compile(const base::Json& pattern);
  /// compile() of a text; not JSON is malformed, too.
  static base::Result<Pattern> compile_text(std::string_view text);

  /// The event may be any JSON object. Fields below one array must match within one element of it.
  bool match(const base::Json& event) const;

  /// Its parts, for an index over many patterns.
  const PatternNode& root() const { return *root_; }

 private:
  explicit Pattern(std::shared_ptr<const PatternNode> root) : root_(std::move(root)) {}
  std::shared_ptr<const PatternNode> root_;
};

}  // namespace ow::rules
