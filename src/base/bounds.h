// Every named bound of the program in one file, related by static_assert where one depends on another.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ow::base::bounds {

using namespace std::chrono_literals;

// Commit: the intersection of the embedded engine and DynamoDB TransactWriteItems.
inline constexpr std::size_t kCommitKeysMax = 100;
inline constexpr std::size_t kCommitBytesMax = 4 << 20;
inline constexpr std::size_t kRecordBytesMax = 400 << 10;
inline constexpr std::size_t kMessageBytesMax = 256 << 10;
inline constexpr std::size_t kRecordIndexesMax = 3;
inline constexpr int kConflictRunsMax = 16;   // a handler is run this often on fresh state, then 503
inline constexpr int kContendedTriesMax = 8;  // inside a store

// HTTP edge.
inline constexpr std::size_t kBodyBytesMax = 256 << 10;
inline constexpr std::size_t kHeaderBytesMax = 16 << 10;
inline constexpr std::size_t kJsonDepthMax = 64;
inline constexpr std::size_t kIdempotencyKeyCharsMax = 255;
inline constexpr auto kIdempotencyKept = 24h;
inline constexpr auto kHeaderTimeout = 10s;
inline constexpr auto kIdleTimeout = 60s;
inline constexpr auto kBodyTimeout = 30s;    // a request's body, from the end of its header
inline constexpr auto kAnswerTimeout = 30s;  // until the client took the whole answer
inline constexpr auto kLingerTimeout = 2s;   // a client may still be sending when we have answered and close
inline constexpr std::size_t kListItemsMax = 50;
inline constexpr std::size_t kEventListItemsMax = 100;
inline constexpr std::size_t kConnectionsMax = 4096;
inline constexpr std::size_t kRequestsInFlightMax = 2048;
inline constexpr std::size_t kRequestsInFlightBusy = 48;  // from here on background work yields
inline constexpr int kRatePerCallerPerSecond = 2000;
inline constexpr std::size_t kRateCallersMax = 16'384;  // remembered per second and kind of caller
inline constexpr std::size_t kViolationsMax = 32;       // named in one answer
inline constexpr std::size_t kPathSegmentsMax = 16;
inline constexpr std::size_t kTraceStateEntriesMax = 32;  // W3C Trace Context section 3.3.1.1
static_assert(kBodyBytesMax <= kRecordBytesMax);

// Orders.
inline constexpr std::size_t kOrderLinesMax = 50;
inline constexpr std::int64_t kLineQuantityMax = 10'000;
inline constexpr std::size_t kItemNameCharsMax = 200;
inline constexpr std::int64_t kOrderTotalMinorMax = 99'999'999;  // 999,999.99
inline constexpr std::size_t kProductsDecodedMax = 4096;         // products kept decoded beside their records
inline constexpr auto kHoldKept = 15min;
// A commit of the saga touches at most: one counter a line, hold, order, execution, timer, messages, events.
static_assert(kOrderLinesMax + 30 <= kCommitKeysMax);

// Queues.
inline constexpr auto kMessageDelayMax = 900s;
inline constexpr std::size_t kReceiveBatchMax = 64;
inline constexpr int kReceiveLimitDefault = 5;
inline constexpr auto kVisibilityDefault = 30s;
inline constexpr auto kReceiveWait = 20s;        // of a consumer whose queue is empty
inline constexpr auto kRetryDelayFirst = 200ms;  // ceiling of the first delay; doubles with each receive (full jitter)
inline constexpr auto kRetryDelayMax = 60s;
inline constexpr auto kDeadLetterKept = 14 * 24h;
inline constexpr auto kConsumerYieldStep = 5ms;
inline constexpr auto kConsumerYieldMax = 100ms;
inline constexpr std::size_t kConsumerTrickle = 8;      // messages a consumer takes when it has waited so long in vain
inline constexpr auto kConsumerYieldAgeMax = 15s;       // the longest burst; work that waited longer yields to nobody
inline constexpr auto kConsumerHurry = 1s;              // and nor does what comes so soon after it
inline constexpr std::size_t kReadyInMemoryMax = 4096;  // per queue

// Embedded engine.
inline constexpr std::size_t kBatchCommitsMax = 1024;
inline constexpr std::size_t kBatchBytesMax = 8 << 20;
inline constexpr std::size_t kCommitsWaitingMax = 16'384;
inline constexpr std::size_t kWalBytesMax = 64 << 20;
static_assert(kBatchBytesMax < kWalBytesMax && kCommitBytesMax <= kBatchBytesMax);

// Identity.
inline constexpr std::size_t kTokenBytesMax = 8 << 10;
inline constexpr std::size_t kVerifiedTokensMax = 10'000;
inline constexpr std::size_t kPasswordHashesWaitingMax = 64;
inline constexpr auto kAccessTokenLife = 1h;

// Workflow.
inline constexpr int kTransitionsPerCommitMax = 16;
inline constexpr std::size_t kExecutionDataBytesMax = 256 << 10;
static_assert(kExecutionDataBytesMax < kRecordBytesMax);
inline constexpr std::size_t kTransitionsInFlightMax = 256;
inline constexpr auto kExecutionKept = 30 * 24h;  // after its end
inline constexpr auto kTaskPostponedMin = 1s;     // before a task of unknown outcome runs again; doubles
inline constexpr auto kTaskPostponedMax = 60s;

// Calls to the outside.
inline constexpr auto kGatewayTimeout = 10s;
inline constexpr std::size_t kGatewayAnswerBytesMax = 64 << 10;

}  // namespace ow::base::bounds
