// What the operating system knows of this process. Blocking is short (procfs). Any thread.
#pragma once

#include <cstdint>

#include "base/instant.h"

namespace ow::local {

struct ProcessStats {
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_files = 0;
  std::uint64_t threads = 0;
  base::Duration cpu{};  // user and system time since the start
};

/// A figure that cannot be read is 0.
ProcessStats read_process_stats();

/// Raises the soft limit of open files to the hard one; returns what holds now.
std::uint64_t raise_open_files_limit();

}  // namespace ow::local
