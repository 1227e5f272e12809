// The event rules an engine is opened with. Main thread.
#pragma once

#include <memory>

#include <vector>

#include "platform/event_rules.h"
#include "rules/rule.h"

namespace ow::app {

/// Which events the platform itself needs in which queues: visible to operators, but not theirs to change.
const std::vector<rules::RuleSpec>& system_rules();

/// The platform's own rules, and those that operators make.
std::unique_ptr<platform::EventRules> make_event_rules();

/// None: for the sandbox gateway's engine and offline commands.
std::unique_ptr<platform::EventRules> no_event_rules();

}  // namespace ow::app
