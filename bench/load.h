// Load by wrk, a packaged HTTP benchmark: one thread of it, keep-alive connections. Main thread.
#pragma once

#include <cstdint>
#include <string>

namespace ow::bench {

struct Load {
  std::string url;
  std::string token;                // empty: no Authorization header
  std::string customer_email = {};  // empty: none is given
  int connections = 64;
  int seconds = 10;
  /// Requests per second that a pause between requests aims at; 0: as fast as it goes.
  double rate = 0;
};

struct LoadResult {
  double requests_per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
  std::uint64_t requests = 0;
  std::uint64_t failed = 0;  // other than 201, time-outs, socket errors
};

/// Posts orders of about 1 KB, each under an idempotency key of its own, until the time is over. `directory`
/// takes wrk's script and output.
LoadResult run_load(const Load& load, const std::string& directory);

}  // namespace ow::bench
