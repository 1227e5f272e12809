// Production: this machine's implementations behind the ports, the listening server and graceful stop.
// Main thread, which becomes the loop thread.
#pragma once

#include "app/command_line.h"
#include "app/config.h"

namespace ow::app {

/// Runs the server until SIGINT or SIGTERM. Exit::done after a graceful stop.
Exit serve(const Config& config);

/// Runs the sandbox payment gateway alone, with its ledger in `data`.
Exit serve_gateway(const std::string& data, const std::string& address, std::uint16_t port);

}  // namespace ow::app
