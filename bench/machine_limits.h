// What this machine can do at most, measured in the same run, so that figures can be read as ratios.
#pragma once

#include <string>

namespace ow::bench {

/// Appends of `bytes` per second to a file in `directory`, each synced before the next, for about a second.
double synced_appends_per_second(const std::string& directory, std::size_t bytes);

/// Serves a fixed 201 on 127.0.0.1:port with the platform's own HTTP server, storing nothing, until it is
/// killed. Runs in a process of its own.
int serve_fixed_answer(int port);

}  // namespace ow::bench
