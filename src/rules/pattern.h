// Event patterns in the language of EventBridge content filtering: which events a rule wants. Source: Amazon
// EventBridge user guide, "Comparison operators for use in event patterns". Immutable once compiled: any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "rules/pattern_ways.h"

namespace ow::rules {

class Pattern {
 public:
  /// Error malformed, naming place and reason ("detail.total[0].numeric: the range is empty").
  static base::Result<Pattern> compile(const base::Json& pattern);
  /// compile() of a text; not JSON is malformed, too.
  static base::Result<Pattern> compile_text(std::string_view text);

  /// The event may be any JSON object. Fields below one array must match within one element of it.
  bool match(const base::Json& event) const;

  /// Its parts, for an index over many patterns; valid as long as a copy of this pattern.
  const std::vector<Way>& ways() const { return compiled_->ways; }

 private:
  struct Compiled {
    PatternNode root;
    std::vector<Way> ways;
  };
  explicit Pattern(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace ow::rules
