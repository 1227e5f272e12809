// See census.h.
#include "engine/census.h"

#include <algorithm>

namespace ow::engine {

void SecondCounts::add(base::Instant sent, std::int64_t count) {
  total_ += count;
  const auto at = by_second_.try_emplace(sent.unix_s(), 0).first;
  at->second += count;
  if (at->second == 0) by_second_.erase(at);
}

void SecondCounts::add(const SecondCounts& other) {
  for (const auto& [second, count] : other.by_second_) add({second * 1'000'000}, count);
}

std::uint64_t Census::begin(std::uint64_t epoch) {
  forget();
  counting_ = true;
  from_epoch_ = epoch;
  return ++count_;
}

void Census::finish(std::uint64_t count, const SecondCounts& counted, std::int64_t delayed,
                    const SecondCounts& retrying) {
  if (!counting_ || count != count_) return;
  stored_.add(counted);
  delayed_ += delayed;
  retrying_.add(retrying);
  counting_ = false;
  complete_ = true;
}

void Census::give_up(std::uint64_t count) {
  if (count == count_) counting_ = false;
}

void Census::forget() {
  stored_ = {};
  retrying_ = {};
  delayed_ = 0;
  counting_ = complete_ = false;
}

void Census::changed(std::uint64_t epoch, base::Instant at, std::int64_t change) {
  if ((counting_ || complete_) && epoch > from_epoch_) stored_.add(at, change);
}

void Census::delayed(std::uint64_t epoch, base::Instant retried, std::int64_t change) {
  if (!(counting_ || complete_) || epoch <= from_epoch_) return;
  delayed_ += change;
  if (retried.us != 0) retrying_.add(retried, change);
}

std::optional<base::Instant> Census::oldest() const {
  const auto waiting = oldest_in_queue();
  if (retrying_.by_second().empty()) return waiting;
  const base::Instant retried{retrying_.by_second().begin()->first * 1'000'000};
  return waiting ? std::min(*waiting, retried) : retried;
}

std::optional<base::Instant> Census::oldest_in_queue() const {
  for (const auto& [second, count] : stored_.by_second()) {
    const auto flying = in_flight_.by_second().find(second);
    const std::int64_t waiting = count - (flying == in_flight_.by_second().end() ? 0 : flying->second);
    if (waiting > 0) return base::Instant{second * 1'000'000};
  }
  return std::nullopt;
}

}  // namespace ow::engine
