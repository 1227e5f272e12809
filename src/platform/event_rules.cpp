// See event_rules.h.
#include "platform/event_rules.h"

namespace ow::platform {

base::Result<void> EventRules::changed(const std::string& name, const Record*) {
  return base::fail(base::ErrorCode::unsupported, "rules_fixed", "These rules do not change: " + name + ".");
}

}  // namespace ow::platform
