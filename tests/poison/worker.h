// The worker of the poison proof: a process that consumes a queue in which some messages fail for ever and some
// kill it. Loop thread of its process.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace ow::tests {

enum class Temper : std::uint8_t { healthy, failing, killing };

/// How messages are mixed: of `messages`, one in `poison_every` is poison (0: none), and of those one in
/// `killer_every` kills the process (0: none).
struct Mix {
  std::int64_t messages = 0;
  std::int64_t poison_every = 0;
  std::int64_t killer_every = 0;
  Temper temper(std::int64_t number) const;
};

inline constexpr int kPoisonReceiveLimit = 5;

/// Sends all messages to the queue of a new store.
int fill_queue(const std::string& directory, const Mix& mix);

/// Consumes until the queue is empty, then prints `{"seconds":S}`: until the last healthy message was done. A
/// message that kills ends this process with SIGKILL. Each run of a handler on poison is a line in `directory`/handed.
int work_queue(const std::string& directory, const Mix& mix);

/// Prints what is in the store: `{"done":N,"again":N,"empty":B,"dead":{"ID":RECEIVES}}`.
int count_queue(const std::string& directory);

}  // namespace ow::tests
