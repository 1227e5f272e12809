// The bounds of what operators do with queues. Any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/bounds.h"

namespace ow::ops {

/// Messages one step moves or drops: an ack and a message each, beside the operation's own records and event.
inline constexpr std::size_t kRedriveStepMax = 40;
inline constexpr std::size_t kPurgeStepMax = 80;
inline constexpr std::size_t kStepOwnKeys = 8;
static_assert(2 * kRedriveStepMax + kStepOwnKeys <= base::bounds::kCommitKeysMax);
static_assert(kPurgeStepMax + kStepOwnKeys <= base::bounds::kCommitKeysMax);
/// Bodies one step moves; a single message may be larger.
inline constexpr std::size_t kStepBytesMax = 2 << 20;
static_assert(kStepBytesMax + base::bounds::kMessageBytesMax + base::bounds::kRecordBytesMax <
              base::bounds::kCommitBytesMax);

inline constexpr std::size_t kIdsAtOnceMax = 100;  // that one redrive may name
inline constexpr std::int64_t kRatePerSecondMax = 10'000;
inline constexpr std::size_t kListedBodyBytesMax = 1 << 10;  // of each message in a list
inline constexpr std::size_t kResultStepsAtOnce = 5;         // whose results one answer holds
inline constexpr std::size_t kEditsShownMax = 20;
inline constexpr auto kOperationKept = std::chrono::hours(14 * 24);
inline constexpr auto kEditKept = std::chrono::hours(90 * 24);

/// A step that fails is tried again with back-off; an operation is not given up because a disk was full.
inline constexpr int kStepReceivesMax = 1000;
inline constexpr std::size_t kOperationsAtOnce = 4;

}  // namespace ow::ops
