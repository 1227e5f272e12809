// The sandbox payment gateway as a server on this machine, with a loop and a durable ledger of its own.
// Runs on the thread that calls run(); the rest is any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"

namespace ow::app {

class SandboxNode {
 public:
  /// Opens the ledger in `directory` and the port (0: any free one).
  static base::Result<std::unique_ptr<SandboxNode>> open(const std::string& directory, const std::string& address,
                                                         std::uint16_t port);
  ~SandboxNode();

  std::string url() const;
  /// Serves until stop().
  void run();
  void stop();

 private:
  struct Impl;
  explicit SandboxNode(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ow::app
