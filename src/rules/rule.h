// An event rule as operators write it and as it is stored: which events, to which queues, in which form. Plain
// values; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace ow::rules {

inline constexpr std::size_t kRuleNameCharsMax = 64;
inline constexpr std::size_t kTargetsMax = 5;  // as EventBridge
inline constexpr std::size_t kPatternBytesMax = 64 << 10;
/// Takes what a rule's target could not, when the rule names no dead-letter queue of its own.
inline constexpr std::string_view kRuleDeadLetters = "event-rules.dlq";

/// One queue that hears of matching events. At most one of the three forms is set; none: the event as it is.
struct Target {
  std::string queue;
  std::optional<base::Json> input = std::nullopt;              // this value, whatever the event
  std::optional<std::string> input_path = std::nullopt;        // this part of the event
  std::optional<base::Json> input_transformer = std::nullopt;  // {inputPathsMap, inputTemplate}
};

struct Rule {
  std::string name;
  std::string description = {};
  base::Json pattern;
  bool enabled = true;
  std::vector<Target> targets;
  std::string dead_letter_queue = std::string(kRuleDeadLetters);
};

/// A rule that the platform itself needs: one queue, the event as it is.
struct RuleSpec {
  std::string name;
  std::string pattern;  // JSON text
  std::string queue;
};

/// EventBridge's: 1 to 64 of letters, digits, '.', '-' and '_'.
bool is_rule_name(std::string_view name);

/// `{name, description?, pattern, enabled?, targets, deadLetterQueue?}` with everything in it checked: name,
/// pattern, targets. Error unprocessable with one violation a member at fault
/// ("targets[0].inputPath must begin with $").
base::Result<Rule> parse_rule(const base::Json& json);
base::Json rule_json(const Rule& rule);

/// Error malformed or unprocessable, naming the rule.
base::Result<Rule> system_rule(const RuleSpec& spec);

}  // namespace ow::rules
