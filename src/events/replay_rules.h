// The rules that a replay sends to, kept between its steps and read again now and then. Loop thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "events/events.h"
#include "platform/event_log.h"
#include "rules/rule_book.h"

namespace ow::events {

/// A change of a rule takes effect in a replay that runs within this time.
inline constexpr auto kReplayRulesKept = std::chrono::seconds(1);

class ReplayRules {
 public:
  /// `names`: those rules; empty: all that operators made. Disabled ones get nothing.
  ReplayRules(const EventPorts& ports, std::vector<std::string> names);

  /// Error not_found when a named rule is gone.
  base::Task<base::Result<void>> refresh();

  /// In order of rule name and of each rule's targets.
  std::vector<platform::RuleTarget> match(const platform::Event& event) const;
  bool is_declared(const std::string& queue) const { return queues_.contains(queue); }

 private:
  base::Task<base::Result<void>> read_named();
  base::Task<base::Result<void>> read_all();
  base::Result<void> take(const platform::Record& record);

  const EventPorts& ports_;
  std::vector<std::string> names_;
  std::unique_ptr<rules::RuleBook> book_;
  std::map<std::string, platform::Version> versions_;
  std::set<std::string> queues_;
  std::optional<base::Duration> read_at_;
};

}  // namespace ow::events
