// The intrinsic functions by name. Pure: randomness comes from the scope. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "states/failure.h"

namespace ow::states {

using Arguments = std::vector<base::Json>;

struct Intrinsic {
  std::string_view name;
  std::size_t arguments_min;
  std::size_t arguments_max;
  /// Fails with States.IntrinsicFailure on arguments it cannot take.
  Evaluated<base::Json> (*call)(const Arguments& arguments, std::uint64_t& random);
};

/// "States.Format"; nullptr when there is none of that name.
const Intrinsic* find_intrinsic(std::string_view name);

/// The next number of the small generator behind States.UUID and States.MathRandom; not for keys.
std::uint64_t next_random(std::uint64_t& state);

}  // namespace ow::states
