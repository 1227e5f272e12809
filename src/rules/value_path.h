// The one-value subset of JSONPath that input paths use: `$`, members by dot or bracket, items by number.
// Immutable: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"

namespace ow::rules {

class ValuePath {
 public:
  /// Nothing when the text is no such path.
  static std::optional<ValuePath> parse(std::string_view text);

  /// nullptr when nothing is there.
  const base::Json* find(const base::Json& root) const;

 private:
  using Step = std::variant<std::string, std::size_t>;
  std::vector<Step> steps_;
};

}  // namespace ow::rules
