// See pace.h.
#include "notify/webhooks/pace.h"

#include <algorithm>

#include "notify/webhooks/bounds.h"

namespace ow::notify::webhooks {

static_assert(kWindowFirst == 4);  // as Pace begins

std::optional<Away> Pace::refused(base::Duration now) {
  const auto until = std::max(open_until_, rest_until_);
  if (now < until) return Away{until + jittered(std::chrono::seconds(1), random_)};
  // The circuit is half open: one attempt shows whether it closes.
  if (open_span_.count() != 0 && trying_) return Away{now + jittered(kAttemptTimeout, random_)};
  return std::nullopt;
}

/// Turns are handed out in order, so each delivery is sent away at most once for the rate.
std::optional<Away> Pace::rate_turn(base::Duration now, std::optional<int> rate_limit) {
  if (!rate_limit) return std::nullopt;
  const auto turn = std::max(next_turn_, now);
  next_turn_ = turn + base::Duration(1'000'000) / *rate_limit;
  if (turn <= now) return std::nullopt;
  if (next_turn_ > turns_until_) turns_until_ = next_turn_ + kTurnsAhead;
  return Away{turn, true};
}

bool Pace::may_wait() const {
  const auto patient = waiting_.size() < static_cast<std::size_t>(window_);
  return patient || (answers_ && waiting_.size() < kWaitingMax && room_.waiting < kWaitingInAllMax);
}

base::Task<std::optional<Away>> Pace::begin(base::Duration now, std::optional<int> rate_limit, bool reserved,
                                            int parks) {
  if (const auto away = refused(now)) co_return away;
  const auto full =
      now + jittered(std::min<base::Duration>(kParkFirst * (1 << std::min(parks, 10)), kParkMax), random_);
  if (in_flight_ >= window_ && !may_wait()) co_return Away{full};
  if (!reserved) {
    if (const auto turn = rate_turn(now, rate_limit)) co_return turn;
  }
  if (in_flight_ >= window_) {
    Turn turn;
    waiting_.push_back(&turn);
    ++room_.waiting;
    const bool mine = co_await turn;
    if (!mine) co_return Away{std::max({open_until_, rest_until_, now}) + jittered(kParkFirst, random_)};
  } else {
    ++in_flight_;
  }
  trying_ = open_span_.count() != 0;
  co_return std::nullopt;
}

void Pace::done(base::Duration now, const Outcome& outcome) {
  --in_flight_;
  count(now, outcome);
  if (now < std::max(open_until_, rest_until_)) return send_all_away();
  wake_next();
}

void Pace::count(base::Duration now, const Outcome& outcome) {
  trying_ = false;
  answers_ = outcome.success();
  if (answers_) {
    failures_ = 0;
    open_span_ = {};
    if (++credit_ >= window_) {
      credit_ = 0;
      window_ = std::min(window_ + 1, kWindowMax);
    }
    return;
  }
  ++failures_;
  credit_ = 0;
  if (outcome.overloaded() || outcome.status == 0) window_ = std::max(window_ / 2, 1);
  if (outcome.overloaded() && outcome.retry_after) {
    rest_until_ = std::max(rest_until_, now + std::min<base::Duration>(*outcome.retry_after, kRestMax));
  }
  if (failures_ >= kFailuresToOpen || open_span_.count() != 0) open_circuit(now);
}

void Pace::open_circuit(base::Duration now) {
  open_span_ =
      open_span_.count() == 0 ? base::Duration(kOpenFirst) : std::min<base::Duration>(2 * open_span_, kOpenMax);
  open_until_ = now + jittered(open_span_, random_);
}

void Pace::wake_next() {
  while (in_flight_ < window_ && !waiting_.empty()) {
    ++in_flight_;
    --room_.waiting;
    auto* turn = waiting_.front();
    waiting_.pop_front();
    turn->complete(true);
  }
}

void Pace::send_all_away() {
  auto all = std::exchange(waiting_, {});
  room_.waiting -= all.size();
  for (auto* turn : all) turn->complete(false);
}

PaceMemory Pace::memory() const {
  const bool closed = open_span_.count() == 0;
  return {closed ? base::Duration() : open_until_, open_span_, rest_until_, turns_until_};
}

void Pace::recall(const PaceMemory& memory) {
  open_until_ = memory.open_until;
  open_span_ = memory.open_span;
  rest_until_ = memory.rest_until;
  next_turn_ = turns_until_ = memory.turns_until;
}

bool Pace::idle(base::Duration now) const {
  return in_flight_ == 0 && waiting_.empty() && failures_ == 0 && now >= rest_until_ && now >= next_turn_;
}

}  // namespace ow::notify::webhooks
