// See quarantine.h.
#include "engine/quarantine.h"

#include <algorithm>

namespace ow::engine {

bool Quarantine::suspects(const Message& message, int receive_limit) {
  const int crashes_min = std::clamp(receive_limit - 1, 1, kCrashesMin);
  return message.crashes >= static_cast<std::uint32_t>(crashes_min);
}

bool Quarantine::lets(bool suspect, std::size_t in_flight, base::Duration now) {
  const bool waited = now >= until_;
  if (state_ == State::alone && !waited) return false;
  if (!suspect) return state_ != State::draining || waited;
  if (in_flight == 0 || (state_ == State::draining && waited)) return true;
  if (state_ != State::draining) until_ = now + kAloneMax;
  state_ = State::draining;
  return false;
}

void Quarantine::begin(QueueNumber queue, Sequence sequence, base::Duration now) {
  state_ = State::alone;
  until_ = now + kAloneMax;
  queue_ = queue;
  sequence_ = sequence;
}

bool Quarantine::ended(QueueNumber queue, Sequence sequence, std::size_t in_flight) {
  if (state_ == State::alone && queue == queue_ && sequence == sequence_) {
    state_ = State::open;
    return true;
  }
  return state_ == State::draining && in_flight == 0;
}

}  // namespace ow::engine
