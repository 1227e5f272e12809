// Keeps a message that may be what ends the process from taking others with it. A message that was in flight
// twice when the process ended is a suspect: it is handed out alone, while nothing else of any queue is in
// flight, so that only its own receive count grows until the receive limit is reached. No suspect holds the
// others up for longer than kAloneMax: what kills does so soon. Loop thread.
#pragma once

#include <cstddef>

#include "base/instant.h"
#include "engine/stored.h"

namespace ow::engine {

class Quarantine {
 public:
  static constexpr base::Duration kAloneMax = std::chrono::seconds(1);
  static constexpr int kCrashesMin = 2;

  /// With a receive limit of 2 there is no second crash to wait for.
  static bool suspects(const Message& message, int receive_limit);

  /// Whether a message may be handed out now, `in_flight` being those of all queues.
  bool lets(bool suspect, std::size_t in_flight, base::Duration now);
  /// A suspect goes out.
  void begin(QueueNumber queue, Sequence sequence, base::Duration now);
  /// A flight ended; true when others may have waited for that.
  bool ended(QueueNumber queue, Sequence sequence, std::size_t in_flight);
  /// When lets() may change its mind by itself.
  base::Duration until() const { return until_; }

 private:
  enum class State : std::uint8_t { open, draining, alone };
  State state_ = State::open;
  base::Duration until_{};
  QueueNumber queue_ = 0;
  Sequence sequence_ = 0;
};

}  // namespace ow::engine
