// Wildcards as Amazon's event patterns and the States Language's StringMatches have them. Pure; any thread.
#pragma once

#include <string_view>

namespace ow::base {

/// True when `pattern` covers the whole text: `*` stands for any run of characters, a backslash takes the
/// special meaning of the character behind it. Linear in both, whatever they are.
bool matches_wildcard(std::string_view pattern, std::string_view text);

}  // namespace ow::base
