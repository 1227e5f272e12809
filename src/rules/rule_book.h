// The rules that route events to queues, behind the port EventRules: the platform's own, fixed at start, and
// those of operators, which come and go as records. Before the engine opens on the main thread, then commit
// lane only.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/event_rules.h"
#include "rules/rule.h"
#include "rules/rule_index.h"

namespace ow::rules {

/// Records of rules: partition and kind; the sort key is the rule's name, the value rule_json().
inline constexpr std::string_view kRulePartition = "event-rules";
inline constexpr std::string_view kRuleKind = "event_rule";

/// The EventBridge form `{source, detail-type, time, resources, detail}` of an event that has no id yet;
/// `resources` holds its subject. Data that is no JSON is an empty detail.
base::Json event_form(const platform::EventDraft& event);

/// Where a rule sends what it matches, in the order of its targets. Error unprocessable as make_shape().
base::Result<std::vector<platform::RuleTarget>> targets_of(const Rule& rule);

class RuleBook final : public platform::EventRules {
 public:
  /// Error malformed naming the rule, the place in its pattern and the reason; conflict for a name used twice.
  static base::Result<std::unique_ptr<RuleBook>> make(const std::vector<RuleSpec>& system);

  std::vector<platform::RuleTarget> match(const platform::EventDraft& event) const override;
  std::string_view partition() const override { return kRulePartition; }
  base::Result<void> changed(const std::string& name, const platform::Record* record) override;

 private:
  struct Entry {
    std::vector<platform::RuleTarget> targets;
    RuleIndex::Slot slot = 0;
  };
  using Entries = std::map<std::string, Entry>;

  RuleBook() = default;
  base::Result<void> put(const Rule& rule);

  void erase(const std::string& name);

  Entries entries_;  // enabled ones, by name
  std::vector<Entries::const_iterator> by_slot_;
  mutable RuleIndex index_;  // its scratch changes with each match
};

}  // namespace ow::rules
