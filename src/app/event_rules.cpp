// See event_rules.h.
#include "app/event_rules.h"

#include "base/assert.h"
#include "rules/rule_book.h"

namespace ow::app {
namespace {

class NoRules final : public platform::EventRules {
 public:
  std::vector<platform::RuleTarget> match(const platform::EventDraft&) const override { return {}; }
};

}  // namespace

// A feature that listens to events joins by a line here.
const std::vector<rules::RuleSpec>& system_rules() {
  static const std::vector<rules::RuleSpec> rules;
  return rules;
}

std::unique_ptr<platform::EventRules> make_event_rules() {
  auto book = rules::RuleBook::make(system_rules());
  OW_ASSERT(book.has_value(), "the platform's own rules are valid");
  return std::move(*book);
}

std::unique_ptr<platform::EventRules> no_event_rules() { return std::make_unique<NoRules>(); }

}  // namespace ow::app
