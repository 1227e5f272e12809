// See event_rules.h.
#include "app/event_rules.h"

#include "base/assert.h"
#include "rules/rule_set.h"

namespace ow::app {
namespace {

std::unique_ptr<platform::EventRules> made(std::vector<rules::RuleSpec> specs) {
  auto set = rules::RuleSet::make(std::move(specs));
  OW_ASSERT(set.has_value(), "the platform's own rules are valid");
  return std::make_unique<rules::RuleSet>(std::move(*set));
}

}  // namespace

// No feature listens to events yet; one that does joins by a line here.
std::unique_ptr<platform::EventRules> make_event_rules() { return made({}); }

std::unique_ptr<platform::EventRules> no_event_rules() { return made({}); }

}  // namespace ow::app
