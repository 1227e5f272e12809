// Task tokens (`.waitForTaskToken`): a text that names one attempt of one entry of a state and proves by an
// HMAC-SHA256 over it, keyed with the execution's own 128-bit secret, that it was handed out. The same attempt
// has the same token in every run of its task, so a crash between handing out and commit loses nothing; any
// other attempt has another, so each is good for one answer. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "states/execution.h"

namespace ow::states {

inline constexpr std::string_view kCallbackSuffix = ".waitForTaskToken";

struct TaskToken {
  std::string execution;
  std::int64_t entry = 0;
  int attempt = 1;
  std::string proof;
};

std::string task_token(const Execution& execution, std::int64_t entry, int attempt);
/// Nothing when the text has not the form of a token; whether it is genuine is is_genuine()'s to say.
std::optional<TaskToken> parse_task_token(std::string_view text);
/// Compares in constant time.
bool is_genuine(const TaskToken& token, const Execution& execution);

/// The thread that awaits the token's answer; nothing when that attempt is over.
std::optional<Position> find_awaiting(const Thread& root, const TaskToken& token);

}  // namespace ow::states
