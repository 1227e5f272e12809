// The event rules an engine is opened with. Main thread.
#pragma once

#include <memory>

#include "platform/event_rules.h"

namespace ow::app {

/// The platform's own: which events go to which queues.
std::unique_ptr<platform::EventRules> make_event_rules();

/// None: for the sandbox gateway's engine and offline commands.
std::unique_ptr<platform::EventRules> no_event_rules();

}  // namespace ow::app
