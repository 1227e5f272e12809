// The release binary as a process: started on a fresh directory, asked over HTTP, watched in /proc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/process.h"

namespace ow::bench {

/// Counters of /metrics that the benchmark reads, and the process's own account.
struct Sample {
  std::map<std::string, double> metrics;  // by name, summed over labels, and by name with labels
  double cpu_seconds = 0;
  double resident_mib = 0;
};

class ServerUnderTest {
 public:
  /// Starts it and waits for its first answer.
  ServerUnderTest(const std::string& binary, const std::string& directory, std::vector<std::string> more_options = {});

  std::string url() const;
  double start_ms() const { return start_ms_; }
  std::string token(const std::string& user, const std::string& password) const;
  /// POSTs with a reason, as an operator.
  void command(const std::string& path) const;
  Sample sample() const;
  /// SIGTERM, and the exit code.
  int stop();

 private:
  std::uint16_t port_;
  double start_ms_ = 0;
  std::optional<tests::Process> process_;
};

}  // namespace ow::bench
