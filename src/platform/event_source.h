// Names of event sources. Those of the platform itself are reserved: who hands in events from outside never
// speaks in its name. Any thread.
#pragma once

#include <algorithm>
#include <string_view>

namespace ow::platform {

inline constexpr std::size_t kEventSourceCharsMax = 128;

/// 1 to 128 letters, digits, `.`, `-`, `_`, `/`, and not (in any case) `orderwright` or `aws`, alone or
/// followed by anything but a letter or digit.
inline bool is_outside_source(std::string_view source) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  if (source.empty() || source.size() > kEventSourceCharsMax) return false;
  for (const char c : source) {
    if (!is_word(c) && std::string_view("._-/").find(c) == std::string_view::npos) return false;
  }
  for (const std::string_view reserved : {"orderwright", "aws"}) {
    const bool begins =
        source.size() >= reserved.size() && std::equal(reserved.begin(), reserved.end(), source.begin(),
                                                       [&](char want, char got) { return want == lower(got); });
    if (begins && (source.size() == reserved.size() || !is_word(source[reserved.size()]))) return false;
  }
  return true;
}

}  // namespace ow::platform
