// Bounds of executions in operation; those of the language's runner are in base/bounds.h.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/bounds.h"

namespace ow::workflow::bounds {

using namespace std::chrono_literals;

// History. What the record holds is written at each step, so it moves to a page before it costs.
inline constexpr std::size_t kHistoryEntriesInRecordMax = 32;
inline constexpr std::size_t kHistoryBytesInRecordMax = 6 << 10;
inline constexpr std::size_t kPayloadInlineBytesMax = 1 << 10;  // larger ones get a record of their own
inline constexpr std::size_t kPayloadBytesMax = base::bounds::kRecordBytesMax - (4 << 10);
inline constexpr std::size_t kLargePayloadBytesPerCommitMax = 512 << 10;
inline constexpr std::size_t kLargePayloadsPerCommitMax = 8;
/// The first pages and the last ones are kept; what is between is overwritten.
inline constexpr std::int64_t kHistoryPagesMax = 64;
inline constexpr std::int64_t kHistoryFirstPages = 8;
/// A page stays for as long as an ended execution and this, from when it was written.
inline constexpr auto kHistoryKeptLonger = 60 * 24h;
static_assert(kHistoryFirstPages < kHistoryPagesMax);

// Definitions.
inline constexpr std::size_t kDefinitionBytesMax = 200 << 10;
inline constexpr std::int64_t kDefinitionVersionsMax = 10'000;
inline constexpr std::size_t kDefinitionsInMemoryMax = 256;
inline constexpr auto kRoutingKept = 1s;  // in memory, before it is read again

// Operation.
inline constexpr std::size_t kReasonBytesMax = 500;
inline constexpr std::size_t kListLookedAtMax = 1000;  // records, for one page that filters
inline constexpr std::size_t kBulkItemsMax = 50;
inline constexpr auto kTransitionVisibility = 90s;
inline constexpr int kTransitionReceivesMax = 20;
/// Of executions that became due; a burst of them takes at most this share beside all others.
inline constexpr std::size_t kDueInFlightMax = 64;
static_assert(kDueInFlightMax * 4 <= base::bounds::kTransitionsInFlightMax);
/// A task that calls outside tries once and looks up once: both may take the gateway's whole time-out twice.
static_assert(kTransitionVisibility >= 60s);
static_assert(kTransitionVisibility > 4 * base::bounds::kGatewayTimeout);

}  // namespace ow::workflow::bounds
