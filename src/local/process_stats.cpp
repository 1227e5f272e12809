// See process_stats.h.
#include "local/process_stats.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <sys/resource.h>
#include <unistd.h>

namespace ow::local {

namespace {

/// /proc/self/status, as `Threads:\t5` and `VmRSS:\t 1234 kB`.
std::uint64_t status_figure(std::ifstream& status, const std::string& name) {
  std::uint64_t figure = 0;
  std::string word;
  while (status >> word) {
    if (word == name && status >> figure) return figure;
  }
  return 0;
}

std::uint64_t count_open_files() {
  std::error_code error;
  std::uint64_t count = 0;
  for (std::filesystem::directory_iterator fd("/proc/self/fd", error), end; !error && fd != end; fd.increment(error)) {
    ++count;
  }
  return count;
}

base::Duration span(const timeval& time) { return std::chrono::seconds(time.tv_sec) + base::Duration(time.tv_usec); }

}  // namespace

ProcessStats read_process_stats() {
  std::ifstream status("/proc/self/status");
  ProcessStats stats;
  stats.resident_bytes = status_figure(status, "VmRSS:") * 1024;
  stats.threads = status_figure(status, "Threads:");  // after VmRSS in the file
  stats.open_files = count_open_files();
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) stats.cpu = span(usage.ru_utime) + span(usage.ru_stime);
  return stats;
}

std::uint64_t raise_open_files_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace ow::local
