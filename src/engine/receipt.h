// The receipt of a delivery: which message, and which receive of it. Opaque outside the engine. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "engine/layout.h"

namespace ow::engine {

struct Receipt {
  Sequence sequence = 0;
  /// Tells this receive from every other one, also from those of earlier processes.
  std::uint64_t serial = 0;
  base::Instant sent;
  /// Of a message that was looked at, not received: it waits in the due range, and `sent` is 0 unless for a
  /// retry.
  base::Instant due = {};
  std::string group = {};
};

std::string to_text(const Receipt& receipt);
std::optional<Receipt> parse_receipt(std::string_view text);

}  // namespace ow::engine
