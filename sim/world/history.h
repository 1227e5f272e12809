// What happened in a run, as a fingerprint (two runs of a seed must agree) and as the last lines for people.
// One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace ow::sim {

inline constexpr std::size_t kHistoryLinesMax = 400;

class History {
 public:
  /// Takes part in the fingerprint only.
  void note(std::string_view what, std::uint64_t number = 0);
  /// A note that is also kept as a line; the oldest line goes.
  void tell(std::string line);

  std::uint64_t fingerprint() const { return hash_; }
  std::uint64_t notes() const { return notes_; }
  const std::deque<std::string>& lines() const { return lines_; }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325;
  std::uint64_t notes_ = 0;
  std::deque<std::string> lines_;
};

}  // namespace ow::sim
