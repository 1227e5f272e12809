// The bounds of webhooks: how long, how often, how many, how much. Any thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/bounds.h"

namespace ow::notify::webhooks {

using namespace std::chrono_literals;

// Endpoints.
inline constexpr std::size_t kEndpointsMax = 10'000;
inline constexpr std::size_t kEndpointsPerCustomerMax = 10;
inline constexpr std::size_t kTypesMax = 50;
inline constexpr std::size_t kTypeBytesMax = 100;
inline constexpr std::size_t kDescriptionCharsMax = 500;
inline constexpr std::size_t kPatternBytesMax = 4096;
inline constexpr int kRateLimitMax = 1000;  // deliveries per second
inline constexpr std::size_t kSecretBytes = 32;
inline constexpr std::size_t kSecretsMax = 3;  // the newest, and those a rotation still lets live
inline constexpr auto kRotationOverlapDefault = 24h;
inline constexpr auto kRotationOverlapMax = 7 * 24h;
/// How long after a request that changes an endpoint its record is read anew at each use: longer than any commit.
inline constexpr auto kChangeSettles = 60s;

// Attempts: after these pauses, then daily; one that would begin later than kGiveUpAfter is not made.
inline constexpr std::array<std::chrono::seconds, 8> kPauses = {0s, 5s, 5min, 30min, 2h, 5h, 10h, 10h};
inline constexpr std::chrono::seconds kPauseAfterwards = 24h;
inline constexpr std::chrono::seconds kGiveUpAfter = 5 * 24h;
inline constexpr int kJitterPercent = 20;
inline constexpr std::chrono::seconds kRetryAfterMax = 24h;  // of one delivery; the endpoint as a whole rests less
inline constexpr std::chrono::seconds kRestMax = 1h;
inline constexpr auto kAttemptTimeout = 15s;  // whole: name, connection, TLS, answer
inline constexpr std::size_t kAnswerBytesKept = 16 << 10;
inline constexpr auto kKept = 30 * 24h;  // deliveries, attempts, frozen events
inline constexpr auto kNameKept = 10s;   // what a name resolved to; every use is judged
inline constexpr std::size_t kNamesKeptMax = 4096;

// Endpoint health: notices on the way, then disabled, then probed.
inline constexpr std::array<int, 3> kNoticePercents = {50, 70, 90};
inline constexpr auto kProbePause = 24h;
inline constexpr int kProbesMax = 30;

// Pace.
inline constexpr int kWindowFirst = 4;  // attempts of an endpoint that may be in flight at once
inline constexpr int kWindowMax = 16;
inline constexpr std::size_t kWaitingMax = 256;  // more wait in memory for an endpoint that answers
inline constexpr std::size_t kWaitingInAllMax = 1024;
inline constexpr std::size_t kInFlightMax = 4096;  // handlers of deliveries, in flight or waiting
inline constexpr int kFailuresToOpen = 5;          // in a row: the circuit opens
inline constexpr std::chrono::seconds kOpenFirst = 10s;
inline constexpr std::chrono::seconds kOpenMax = 10min;
inline constexpr std::chrono::seconds kTurnsAhead =
    10s;                                                // of the rate limit: kept this far ahead of what was given away
inline constexpr auto kPaceKept = 24h;                  // after its last instant
inline constexpr std::chrono::seconds kParkFirst = 1s;  // a delivery beyond the pace; doubles each time
inline constexpr std::chrono::seconds kParkMax = 60s;
// 100 endpoints that all stop answering must leave room for the others.
static_assert(100 * 2 * kWindowMax < kInFlightMax);

// Messages of deliveries. A receive may wait for its turn, then for an answer, then for the store.
inline constexpr auto kDeliveryVisibility = 90s;
inline constexpr int kDeliveryReceivesMax = 20;
static_assert(kDeliveryVisibility > 3 * kAttemptTimeout);

// Steps of longer work: a step is one commit.
inline constexpr std::size_t kStepKeysMax = ow::base::bounds::kCommitKeysMax - 10;
inline constexpr std::size_t kStepDeliveriesMax = 22;  // delivery, lane, message and frozen event each
static_assert(4 * kStepDeliveriesMax <= kStepKeysMax);
inline constexpr std::size_t kSubjectEventsMax = 100;  // read at once
inline constexpr std::size_t kLaneWaitingMax = 1000;   // events of one subject that wait for one endpoint
inline constexpr auto kSubjectKept = 90 * 24h;         // after its last event
inline constexpr std::size_t kCountedMax = 10'000;     // of a dry run
inline constexpr std::size_t kLookedAtMax = 1000;      // events that one poll looks at
inline constexpr auto kSampleEvery = 15s;
static_assert(kSubjectKept > kKept);

}  // namespace ow::notify::webhooks
