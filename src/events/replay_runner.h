// Carries replays out: a consumer whose every step is one Commit of messages, checkpoint and the message that asks for
// the next step. A crash between steps repeats nothing and loses nothing. Loop thread.
#pragma once

#include <map>
#include <string>

#include "events/events.h"
#include "events/replay.h"
#include "events/replay_rules.h"
#include "platform/queues.h"
#include "rules/pattern.h"

namespace ow::events {

inline constexpr std::string_view kReplayQueue = "event-replays";

/// The message that asks for a replay's step `replay.step`.
platform::OutMessage step_message(const Replay& replay, base::Duration delay);

class ReplayRunner {
 public:
  explicit ReplayRunner(Desk desk) : desk_(std::move(desk)), ports_(*desk_) {}

  /// One step of the replay that the message names; of one that does not run (any more) nothing.
  base::Task<base::Result<platform::Commit>> step(platform::Delivery delivery);

 private:
  struct Step;

  ReplayRules& rules_of(const Replay& replay);
  base::Task<base::Result<std::vector<platform::Event>>> next_events(Replay& replay);
  base::Result<platform::Commit> run(Replay replay, std::vector<platform::Event> events);
  base::Result<platform::Commit> end(Replay replay, Replay::Status status, std::string reason);

  const Desk desk_;
  const EventPorts& ports_;
  std::map<std::string, ReplayRules> rules_;  // by replay
};

}  // namespace ow::events
