// A replay: events of the log sent again to rules, in order, from a checkpoint that moves with each step. Plain values;
// loop thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/json.h"
#include "base/result.h"
#include "platform/store.h"

namespace ow::events {

inline constexpr std::string_view kReplayPartition = "event-replays";
inline constexpr std::string_view kReplayKind = "event_replay";

struct Replay {
  enum class Status : std::uint8_t { running, completed, cancelled, failed };

  std::string id;
  Status status = Status::running;
  bool dry_run = false;  // counts, sends nothing
  std::string description;
  std::optional<base::Instant> from;  // events of this time and later
  std::optional<base::Instant> to;    // events before this time
  std::string subject;                // empty: of all subjects
  base::Json pattern;                 // null: whatever the rules match
  std::vector<std::string> rules;     // empty: all that operators made and that are enabled
  std::optional<std::int64_t> rate;   // messages a second; nothing: as fast as it goes
  base::Instant created;
  std::string created_by;
  std::optional<base::Instant> finished;
  std::string reason;  // why it failed or was cancelled

  // The checkpoint: what lies before it has been sent.
  std::string cursor;        // in the log over all subjects
  std::uint64_t number = 0;  // of the subject's last event
  std::string last_target;   // of the event behind the checkpoint, when not all its targets fitted one step
  std::string end_event;     // the newest event when it began; empty: `to` was given
  std::uint64_t step = 0;
  std::optional<base::Instant> position;  // time of the last event that was looked at
  std::uint64_t scanned = 0;
  std::uint64_t matched = 0;  // events with at least one target
  std::uint64_t sent = 0;
  std::uint64_t dead_lettered = 0;  // of those sent: to a dead-letter queue
  base::Json by_rule = base::Json::object();

  platform::Version version = 0;
};

platform::Key replay_key(const std::string& id);
platform::Record replay_record(const Replay& replay);
/// Error internal: no replay as this program writes it.
base::Result<Replay> replay_from(const platform::Record& record);

/// As clients see it: without the checkpoint's cursors.
base::Json replay_json(const Replay& replay);

std::string_view status_text(Replay::Status status);

}  // namespace ow::events
