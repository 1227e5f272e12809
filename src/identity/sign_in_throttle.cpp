// See sign_in_throttle.h.
#include "identity/sign_in_throttle.h"

#include <algorithm>
#include <iterator>

namespace ow::identity {

FailureLedger::Entry* FailureLedger::find(const std::string& subject, base::Duration now) {
  const auto place = by_subject_.find(subject);
  if (place == by_subject_.end()) return nullptr;
  if (now - place->second->last < kFailuresKept) return &*place->second;
  forget(subject);
  return nullptr;
}

base::Duration FailureLedger::wait_after(int failures) const {
  constexpr int kDoublingsMax = 20;
  if (failures < rule_.free_failures) return {};
  const int doublings = std::min(failures - rule_.free_failures, kDoublingsMax);
  return std::min<base::Duration>(std::chrono::seconds(std::int64_t{1} << doublings), rule_.wait_max);
}

base::Duration FailureLedger::wait_of(const std::string& subject, base::Duration now) {
  const Entry* entry = find(subject, now);
  return entry == nullptr ? base::Duration{} : std::max(entry->open_again - now, base::Duration{});
}

void FailureLedger::begin(const std::string& subject, base::Duration now) {
  if (Entry* entry = find(subject, now)) entry->open_again = now + wait_after(entry->failures);
}

void FailureLedger::failed(const std::string& subject, base::Duration now) {
  if (Entry* known = find(subject, now)) {
    entries_.splice(entries_.begin(), entries_, by_subject_.at(known->subject));
  } else {
    if (entries_.size() >= subjects_max_) forget(std::string(entries_.back().subject));
    entries_.push_front({.subject = subject});
    by_subject_.emplace(subject, entries_.begin());
  }
  Entry& entry = entries_.front();
  ++entry.failures;
  entry.last = now;
  entry.open_again = now + wait_after(entry.failures);
}

void FailureLedger::reopen(const std::string& subject, base::Duration now) {
  if (Entry* entry = find(subject, now)) entry->open_again = now;
}

void FailureLedger::forget(const std::string& subject) {
  const auto place = by_subject_.find(subject);
  if (place == by_subject_.end()) return;
  entries_.erase(place->second);
  by_subject_.erase(place);
}

std::optional<int> SignInThrottle::admit(const std::string& name, const std::string& address, base::Duration now) {
  const base::Duration wait = std::max(names_.wait_of(name, now), addresses_.wait_of(address, now));
  if (wait > base::Duration{}) return static_cast<int>(std::chrono::ceil<std::chrono::seconds>(wait).count());
  names_.begin(name, now);
  addresses_.begin(address, now);
  return std::nullopt;
}

void SignInThrottle::failed(const std::string& name, const std::string& address, base::Duration now) {
  if (!name.empty()) names_.failed(name, now);
  addresses_.failed(address, now);
}

void SignInThrottle::succeeded(const std::string& name, const std::string& address, base::Duration now) {
  names_.forget(name);
  addresses_.reopen(address, now);
}

}  // namespace ow::identity
