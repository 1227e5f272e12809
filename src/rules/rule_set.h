// The rules that route events to queues, behind the port EventRules. Immutable: made before the engine opens,
// then read on the commit lane.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/event_rules.h"
#include "rules/pattern.h"

namespace ow::rules {

struct RuleSpec {
  std::string name;
  std::string pattern;  // JSON text
  std::string queue;
};

/// The EventBridge form `{source, detail-type, time, resources, detail}` of an event that has no id yet;
/// `resources` holds its subject. Data that is no JSON is an empty detail.
base::Json event_form(const platform::EventDraft& event);

class RuleSet final : public platform::EventRules {
 public:
  /// Error malformed naming the rule, the place in its pattern and the reason; conflict for a name used twice.
  static base::Result<RuleSet> make(std::vector<RuleSpec> rules);

  std::vector<platform::RuleTarget> match(const platform::EventDraft& event) const override;

 private:
  struct Rule {
    platform::RuleTarget target;
    Pattern pattern;
    bool envelope_only = false;  // looks at source and detail-type alone
  };
  using Places = std::vector<std::size_t>;

  RuleSet() = default;
  Places candidates(const std::string& type) const;

  std::vector<Rule> rules_;  // by name
  std::map<std::string, Places, std::less<>> by_type_;
  Places any_type_;
};

}  // namespace ow::rules
