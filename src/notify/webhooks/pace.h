// How fast one endpoint is called: a window of attempts in flight that grows with successes and halves when the
// receiver has too much to do, a rate limit, a rest that the receiver asked for, and a circuit that opens after
// failures in a row. A restart begins with a small window and remembers the rest (pace_record.h). Loop thread.
#pragma once

#include <deque>
#include <optional>

#include "base/instant.h"
#include "base/task.h"
#include "notify/webhooks/schedule.h"
#include "platform/random.h"

namespace ow::notify::webhooks {

/// Bounds what waits in memory over all endpoints.
struct WaitingRoom {
  std::size_t waiting = 0;
};

/// There is no turn before this instant (of Clock::ticks).
struct Away {
  base::Duration until{};
  bool reserved = false;  // the turn of the rate limit at that instant is kept
};

/// What a restart must not forget, in instants of Clock::ticks; 0: nothing.
struct PaceMemory {
  base::Duration open_until{};  // of a circuit that an attempt has not closed
  base::Duration open_span{};
  base::Duration rest_until{};
  base::Duration turns_until{};  // of the rate limit: none later was given away

  bool operator==(const PaceMemory&) const = default;
};

class Pace {
 public:
  Pace(WaitingRoom& room, platform::Random& random) : room_(room), random_(random) {}
  Pace(const Pace&) = delete;
  Pace& operator=(const Pace&) = delete;

  /// Nothing: begin, and call done() afterwards. Waits in memory for a short turn. `rate_limit` in attempts per
  /// second. `reserved`: this is the turn that was kept. `parks`: how often this delivery was sent away.
  base::Task<std::optional<Away>> begin(base::Duration now, std::optional<int> rate_limit, bool reserved, int parks);
  void done(base::Duration now, const Outcome& outcome);
  /// `turns_until` lies up to kTurnsAhead behind the last turn, so that it changes seldom.
  PaceMemory memory() const;
  /// What an earlier process remembered. Before the first begin().
  void recall(const PaceMemory& memory);

  /// Whoever waits in memory gets no turn; for the end of the program.
  void send_all_away();

  bool open(base::Duration now) const { return now < open_until_; }
  int window() const { return window_; }
  int in_flight() const { return in_flight_; }
  /// Nothing in flight, nothing waiting, nothing remembered that matters at `now`.
  bool idle(base::Duration now) const;

 private:
  using Turn = base::Completion<bool>;  // true: the slot is yours

  std::optional<Away> refused(base::Duration now);
  std::optional<Away> rate_turn(base::Duration now, std::optional<int> rate_limit);
  bool may_wait() const;
  void count(base::Duration now, const Outcome& outcome);
  void open_circuit(base::Duration now);
  void wake_next();

  WaitingRoom& room_;
  platform::Random& random_;
  int window_ = 4;
  int credit_ = 0;
  int in_flight_ = 0;
  int failures_ = 0;      // in a row
  bool trying_ = false;   // the circuit lets one attempt through to see
  bool answers_ = false;  // the last attempt was a success
  base::Duration open_until_{};
  base::Duration open_span_{};
  base::Duration rest_until_{};
  base::Duration next_turn_{};  // of the rate limit
  base::Duration turns_until_{};
  std::deque<Turn*> waiting_;
};

}  // namespace ow::notify::webhooks
