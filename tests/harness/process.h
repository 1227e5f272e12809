// A child process of a test: started, watched, killed by its own process id. Any thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ow::tests {

/// Files of a child's standard streams; what is written is appended. Output and error may be one file.
struct Streams {
  std::string output;
  std::string error;
  std::string input = "/dev/null";
};

class Process {
 public:
  /// Starts `words[0]` with the rest as arguments; standard output and error go to `log` (appended).
  /// `environment` entries ("NAME=value") win over this process's.
  static Process start(const std::vector<std::string>& words, const std::string& log,
                       const std::vector<std::string>& environment = {}) {
    return start(words, Streams{log, log}, environment);
  }
  static Process start(const std::vector<std::string>& words, const Streams& streams,
                       const std::vector<std::string>& environment = {});
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  /// Kills it if it still runs.
  ~Process();

  pid_t id() const { return id_; }
  bool running();
  /// Sends the signal; nothing happens when it ended already.
  void signal(int number);
  /// Waits for its end; the exit code, or 128 + the signal that ended it.
  int wait();

 private:
  explicit Process(pid_t id) : id_(id) {}
  pid_t id_ = -1;
  std::optional<int> ended_;
};

/// A directory that is made empty now and removed with everything in it at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// A TCP port of 127.0.0.1 that was free a moment ago.
std::uint16_t free_port();

/// The whole file; empty when there is none.
std::string read_file(const std::string& path);

}  // namespace ow::tests
