// See event_rules.h.
#include "app/event_rules.h"

#include <iterator>

#include "base/assert.h"

namespace ow::app {
namespace {

class NoRules final : public platform::EventRules {
 public:
  std::vector<platform::RuleTarget> match(const platform::EventDraft&) const override { return {}; }
};

}  // namespace

// A feature that listens to events joins by a line here, unless it is an audience of the fan-out.
const std::vector<rules::RuleSpec>& system_rules() {
  static const std::vector<rules::RuleSpec> rules;
  return rules;
}

PlatformRules::PlatformRules() {
  auto book = rules::RuleBook::make(system_rules());
  OW_ASSERT(book.has_value(), "the platform's own rules are valid");
  book_ = std::move(*book);
}

std::vector<platform::RuleTarget> PlatformRules::match(const platform::EventDraft& event) const {
  auto targets = fan_out_.match(event);
  auto more = book_->match(event);
  std::move(more.begin(), more.end(), std::back_inserter(targets));
  return targets;
}

std::unique_ptr<platform::EventRules> no_event_rules() { return std::make_unique<NoRules>(); }

}  // namespace ow::app
