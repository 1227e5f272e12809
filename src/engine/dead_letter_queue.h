// Which queue takes another one's dead letters: the one of its name with a suffix. Pure; any thread.
#pragma once

#include <string_view>

namespace ow::engine {

inline constexpr std::string_view kDeadLetterSuffix = ".dlq";

inline bool is_dead_letter(std::string_view queue) { return queue.ends_with(kDeadLetterSuffix); }

}  // namespace ow::engine
