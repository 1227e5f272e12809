// Named bounds of this room.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/bounds.h"

namespace ow::events {

using namespace std::chrono_literals;

// Live tail.
inline constexpr std::size_t kTailEventsMax = 1024;  // of the log, kept ready for all streams
inline constexpr std::size_t kTailPageEventsMax = base::bounds::kEventListItemsMax;
inline constexpr auto kTailPollInterval = 1s;  // finds what other processes committed, and times heartbeats
inline constexpr std::size_t kStreamsMax = 256;
inline constexpr std::size_t kStreamsPerCallerMax = 8;
inline constexpr std::size_t kStreamChunkBytesMax = 256 << 10;  // one event may pass it
inline constexpr auto kStreamHeartbeat = 15s;
inline constexpr auto kStreamLife = 15min;  // then the client comes again, with a token that is still good
inline constexpr auto kStreamRetry = 2s;    // asked of clients before they come again
static_assert(kTailPageEventsMax <= kTailEventsMax);
static_assert(kTailPollInterval < kStreamHeartbeat && kStreamHeartbeat < kStreamLife);

// Events that come in.
inline constexpr std::size_t kIngestIdCharsMax = 200;
inline constexpr std::size_t kIngestTypeCharsMax = 128;
inline constexpr std::size_t kIngestEnvelopeBytes = 4 << 10;  // what a rule's message adds to an event, and more
inline constexpr std::size_t kIngestEventBytesMax = base::bounds::kMessageBytesMax - kIngestEnvelopeBytes;
inline constexpr auto kIngestSeenKept = 7 * 24h;     // an id that comes again within this is a duplicate
inline constexpr std::size_t kSourceSecretsMax = 2;  // at once, during a rotation
inline constexpr std::size_t kSourceSecretBytes = 32;
inline constexpr std::size_t kSourceNoteCharsMax = 200;
inline constexpr auto kSourceOverlapDefault = 24h;
inline constexpr auto kSourceOverlapMax = 30 * 24h;
static_assert(kIngestIdCharsMax + kIngestTypeCharsMax + 1024 < kIngestEnvelopeBytes);

}  // namespace ow::events
