// Rules as records, and the platform's own beside them. Loop thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "base/task.h"
#include "events/events.h"
#include "platform/store.h"
#include "rules/rule.h"

namespace ow::events {

struct StoredRule {
  rules::Rule rule;
  bool system = false;
  std::string changed_at;  // RFC 3339; empty for a system rule
  std::string changed_by;
  platform::Version version = 0;
};

platform::Key rule_key(const std::string& name);
platform::Record rule_record(const StoredRule& rule);
/// Error internal: no rule as this program writes it.
base::Result<StoredRule> rule_from(const platform::Record& record);

/// As clients see it.
base::Json shown_rule(const StoredRule& rule);

struct RulePage {
  std::vector<StoredRule> rules;
  std::string next_cursor;
};

/// The platform's own, as they are shown.
std::vector<StoredRule> own_rules(const EventPorts& ports);

/// The platform's own first, then the others by name. Error malformed for a cursor that is not of this list.
base::Task<base::Result<RulePage>> list_rules(platform::Store& store, std::vector<StoredRule> own, std::size_t limit,
                                              std::string cursor);
/// Among the rules of system_rules and operators. Error not_found.
base::Task<base::Result<StoredRule>> find_rule(platform::Store& store, std::vector<rules::RuleSpec> system,
                                               std::string name);

/// The platform's own rule of that name.
std::optional<StoredRule> find_own_rule(const EventPorts& ports, const std::string& name);

}  // namespace ow::events
