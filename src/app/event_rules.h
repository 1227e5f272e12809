// The event rules an engine is opened with. See each for its threads.
#pragma once

#include <memory>
#include <vector>

#include "notify/fan_out.h"
#include "platform/event_rules.h"
#include "rules/rule.h"
#include "rules/rule_book.h"

namespace ow::app {

/// Which events the platform itself needs in which queues: visible to operators, but not theirs to change.
const std::vector<rules::RuleSpec>& system_rules();

/// The platform's own rules, those that operators make, and what the audiences of the fan-out hear. Commit lane, but
/// for fan_out().
class PlatformRules final : public platform::EventRules {
 public:
  PlatformRules();
  notify::FanOut& fan_out() { return fan_out_; }

  std::vector<platform::RuleTarget> match(const platform::EventDraft& event) const override;
  std::string_view partition() const override { return book_->partition(); }
  base::Result<void> changed(const std::string& name, const platform::Record* record) override {
    return book_->changed(name, record);
  }

 private:
  notify::FanOut fan_out_;
  std::unique_ptr<rules::RuleBook> book_;
};

/// None: for the sandbox gateway's engine and offline commands.
std::unique_ptr<platform::EventRules> no_event_rules();

}  // namespace ow::app
