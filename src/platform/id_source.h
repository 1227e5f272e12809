// Time-ordered ids: `<prefix>_` and 26 characters of Crockford base 32 (48 bits of milliseconds, 80 of
// randomness; within one millisecond the random part counts up, so ids of one source always ascend).
// Loop thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "platform/clock.h"
#include "platform/random.h"

namespace ow::platform {

class IdSource {
 public:
  IdSource(const Clock& clock, Random& random) : clock_(clock), random_(random) {}
  /// "ord" -> "ord_01JD…"; later ids of one source compare greater.
  std::string next(std::string_view prefix);

 private:
  const Clock& clock_;
  Random& random_;
  std::int64_t last_ms_ = -1;
  std::array<std::uint8_t, 10> tail_{};
};

/// No id of `prefix` that was made at or after `time` is less, and none of an earlier millisecond is greater.
std::string first_id_at(std::string_view prefix, base::Instant time);

/// True when `text` is `<prefix>_` and 26 characters of the id alphabet.
bool is_id(std::string_view text, std::string_view prefix);

}  // namespace ow::platform
