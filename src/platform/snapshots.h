// Port: snapshots of everything at one instant, kept where a disaster of the store does not reach them.
// Loop thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "base/task.h"

namespace ow::platform {

struct Snapshot {
  enum class State : std::uint8_t { making, verifying, complete, failed };
  std::string id;
  State state = State::complete;
  base::Instant made = {};   // the instant of which it is; while making: when it was asked for
  base::Instant asked = {};  // when it was begun, or its verifying
  std::string note = {};     // why, in the words of who asked
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  /// failed: why. Of a complete one: what the last verify() found wrong.
  std::optional<base::Error> problem = std::nullopt;
  /// When verify() last read all of it.
  std::optional<base::Instant> verified = std::nullopt;
};

class Snapshots {
 public:
  virtual ~Snapshots() = default;

  /// Begins one and answers its id; find() tells how it goes. Errors: conflict while another is being made,
  /// unsupported when this engine makes none.
  virtual base::Task<base::Result<std::string>> begin(std::string note) = 0;
  /// Newest first.
  virtual base::Task<base::Result<std::vector<Snapshot>>> list() = 0;
  /// Error not_found.
  virtual base::Task<base::Result<Snapshot>> find(std::string id) = 0;
  /// Begins to read all of it and to compare every checksum; find() tells the verdict. Errors: not_found,
  /// conflict while one is being made or verified.
  virtual base::Task<base::Result<void>> verify(std::string id) = 0;
};

}  // namespace ow::platform
