// What is kept of deliveries. A lane holds the events of one subject that wait for one endpoint, in order, one of
// them on its way; a delivery is one event for one endpoint; a frozen event is the body that all of its deliveries
// send, as it was when first routed. Loop thread.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "base/instant.h"
#include "base/json.h"
#include "base/result.h"
#include "notify/webhooks/schedule.h"
#include "platform/event_log.h"
#include "platform/store.h"

namespace ow::notify::webhooks {

/// An event that waits in a lane.
struct Waiting {
  std::string event;
  std::uint64_t number = 0;
  std::string type;
  base::Instant at;  // waits since
};

struct Lane {
  std::string endpoint;
  std::string subject;
  std::deque<Waiting> waiting = {};
  int attempts = 0;                                   // of the first that waits
  std::optional<base::Instant> first = std::nullopt;  // its first attempt
  bool live = false;                                  // a message or timer will bring it
  std::uint64_t sends = 0;                            // makes the ids of its messages unique
  std::string held = {};                              // why it waits longer: "throttled", "delayed", or empty
  platform::Version version = 0;

  /// In order of number, never before the first when that one is on its way; false when it waits already.
  bool add(Waiting more);
  /// Removes the first.
  void advance();
};

/// Ages of lanes that wait longer: index partition "throttled" or "delayed", sorted by since when.
inline constexpr std::string_view kHeldIndex = "webhook-held";
inline constexpr std::string_view kThrottled = "throttled";
inline constexpr std::string_view kDelayed = "delayed";

std::string lane_partition(const std::string& endpoint);
platform::Key lane_key(const std::string& endpoint, const std::string& subject);
/// Reads what was stored (null: nothing), or begins a lane; `now` makes the ids of its messages unlike those of an earlier one.
base::Result<Lane> lane_from(const std::string& endpoint, const std::string& subject, const platform::Record* record,
                             base::Instant now);
/// Puts the lane, or erases an empty one; conditioned on the version it was read at.
void put_lane(platform::Commit& commit, const Lane& lane);

enum class DeliveryState : std::uint8_t { waiting, delivered, failed };

struct DeliveryRecord {
  std::string endpoint;
  std::string event;
  std::string subject;
  std::uint64_t number = 0;
  std::string type;
  DeliveryState state = DeliveryState::waiting;
  int attempts = 0;  // in all, also of earlier rounds
  base::Instant created;
  std::optional<base::Instant> last = std::nullopt;  // attempt
  std::optional<base::Instant> next = std::nullopt;
  int status = 0;           // of the last attempt
  std::string reason = {};  // of the last attempt, or why it failed for good
};

/// Deliveries that failed for good, by endpoint, sorted by when: what an operator recovers.
inline constexpr std::string_view kFailedIndex = "webhook-failed";

std::string delivery_partition(const std::string& endpoint);
platform::Key delivery_key(const std::string& endpoint, const std::string& event);
platform::Record delivery_record(const DeliveryRecord& delivery);
base::Result<DeliveryRecord> delivery_from(const platform::Record& record);
base::Json delivery_json(const DeliveryRecord& delivery);

platform::Key frozen_key(const std::string& event);
platform::Record frozen_record(const std::string& event, const std::string& body, base::Instant now);

/// Attempts of an endpoint, by time; the index sorts those of one delivery.
inline constexpr std::string_view kAttemptIndex = "webhook-delivery-attempts";
std::string attempt_partition(const std::string& endpoint);
platform::Record attempt_record(const std::string& id, const DeliveryRecord& delivery, const Outcome& outcome);
base::Json attempt_json(const platform::Record& record);

}  // namespace ow::notify::webhooks
