// The bounds of receipts in one place.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/bounds.h"

namespace ow::notify::bounds {

using namespace std::chrono_literals;

// A batch's commit: the series, and for each message at most a receipt, a credit note and the ack.
inline constexpr std::size_t kReceiptBatchMax = 32;
static_assert(1 + kReceiptBatchMax * 3 <= base::bounds::kCommitKeysMax);
inline constexpr auto kReceiptRetryDelay = 10s;
inline constexpr auto kReceiptLinkLife = 900s;
inline constexpr std::size_t kCreditNotesShown = 20;  // of one order

}  // namespace ow::notify::bounds
