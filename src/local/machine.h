// This machine behind the small ports: clock, random, secrets as files. The only place that reads a clock or
// the system's random generator.
#pragma once

#include <string>

#include "platform/clock.h"
#include "platform/random.h"
#include "platform/secrets.h"

namespace ow::local {

class SystemClock final : public platform::Clock {
 public:
  base::Instant now() const override;
  base::Duration ticks() const override;
};

/// getrandom(2); small numbers of bytes from a per-thread buffer of it, where each is used once and then wiped.
class SystemRandom final : public platform::Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override;
  std::uint64_t next() override;
};

/// One file a secret (mode 0600) in a directory of mode 0700; written beside, synced, renamed.
class FileSecrets final : public platform::Secrets {
 public:
  explicit FileSecrets(std::string directory) : directory_(std::move(directory)) {}
  base::Result<std::optional<std::string>> get(const std::string& name) override;
  base::Result<void> put(const std::string& name, const std::string& bytes) override;

 private:
  std::string directory_;
};

}  // namespace ow::local
