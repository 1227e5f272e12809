// Slows guessing of passwords, per login name and per address: after a few failures each further one must
// wait longer. Bounded memory, least recently used out first. Loop thread.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <optional>
#include <string>

#include "base/instant.h"

namespace ow::identity {

/// How many failures are free, and how long the waits grow (doubling from one second). A name's waits stay
/// short, so that a stranger cannot lock its owner out; an address may be shared, so it has more free ones.
struct ThrottleRule {
  int free_failures;
  base::Duration wait_max;
};
inline constexpr ThrottleRule kNameThrottle{5, std::chrono::minutes(1)};
inline constexpr ThrottleRule kAddressThrottle{20, std::chrono::minutes(15)};
inline constexpr std::size_t kThrottledMax = 10'000;
/// Failures are forgotten after this long without one.
inline constexpr base::Duration kFailuresKept = std::chrono::minutes(15);

/// Failures by one kind of subject.
class FailureLedger {
 public:
  explicit FailureLedger(ThrottleRule rule, std::size_t subjects_max = kThrottledMax)
      : rule_(rule), subjects_max_(subjects_max) {}

  /// How long this subject must wait; zero: it may try. Times are Clock::ticks.
  base::Duration wait_of(const std::string& subject, base::Duration now);
  /// Counts an attempt that is about to be made once the free failures are used up, so that attempts at the
  /// same moment do not share one permission.
  void begin(const std::string& subject, base::Duration now);
  void failed(const std::string& subject, base::Duration now);
  /// Takes back what begin() counted: the attempt was good. Failures before it stay.
  void reopen(const std::string& subject, base::Duration now);
  void forget(const std::string& subject);
  std::size_t size() const { return by_subject_.size(); }

 private:
  struct Entry {
    std::string subject;
    int failures = 0;
    base::Duration last{};
    base::Duration open_again{};
  };
  using Entries = std::list<Entry>;  // most recently failed first

  Entry* find(const std::string& subject, base::Duration now);
  base::Duration wait_after(int failures) const;

  ThrottleRule rule_;
  std::size_t subjects_max_;
  Entries entries_;
  std::map<std::string, Entries::iterator, std::less<>> by_subject_;
};

class SignInThrottle {
 public:
  /// The wait that is due before this attempt, in whole seconds; nothing: go ahead. `name` is empty when the
  /// given one can be nobody's.
  std::optional<int> admit(const std::string& name, const std::string& address, base::Duration now);
  void failed(const std::string& name, const std::string& address, base::Duration now);
  /// Clears the name; an address keeps its failures, else an attacker would clear them with an own account.
  void succeeded(const std::string& name, const std::string& address, base::Duration now);

 private:
  FailureLedger names_{kNameThrottle};
  FailureLedger addresses_{kAddressThrottle};
};

}  // namespace ow::identity
