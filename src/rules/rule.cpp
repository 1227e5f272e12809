// See rule.h.
#include "rules/rule.h"

#include <algorithm>

#include "rules/input_shape.h"
#include "rules/pattern.h"

namespace ow::rules {
namespace {

using base::ErrorCode;
using base::Json;
using base::Result;
using Violations = std::vector<std::string>;

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

Json read_pattern(const Json& json, Violations& violations) {
  const auto* pattern = json.find("pattern");
  if (pattern == nullptr) {
    violations.emplace_back("pattern is required");
    return {};
  }
  if (to_text(*pattern).size() > kPatternBytesMax) {
    violations.push_back("pattern must have at most " + std::to_string(kPatternBytesMax) + " bytes");
    return {};
  }
  if (const auto compiled = Pattern::compile(*pattern); !compiled)
    violations.push_back("pattern: " + compiled.error().message);
  return *pattern;
}

Target read_target(const Json& json, const std::string& place, Violations& violations) {
  Target target{.queue = json.text_at("queue")};
  if (!is_rule_name(target.queue)) violations.push_back(place + ".queue must be the name of a queue");
  if (const auto* input = json.find("input")) target.input = *input;
  if (json.find("inputPath") != nullptr) target.input_path = json.text_at("inputPath");
  if (const auto* transformer = json.find("inputTransformer")) target.input_transformer = *transformer;
  if (const auto shape = make_shape(target, {}); !shape) violations.push_back(place + "." + shape.error().message);
  return target;
}

std::vector<Target> read_targets(const Json& json, Violations& violations) {
  const auto* items = json.find("targets");
  if (items == nullptr || !items->is_array() || items->as_array().empty() || items->as_array().size() > kTargetsMax) {
    violations.push_back("targets must list 1 to " + std::to_string(kTargetsMax) + " targets");
    return {};
  }
  std::vector<Target> targets;
  for (const auto& item : items->as_array()) {
    targets.push_back(read_target(item, "targets[" + std::to_string(targets.size()) + "]", violations));
  }
  return targets;
}

Json target_json(const Target& target) {
  auto json = Json::object({{"queue", target.queue}});
  if (target.input) json.set("input", *target.input);
  if (target.input_path) json.set("inputPath", *target.input_path);
  if (target.input_transformer) json.set("inputTransformer", *target.input_transformer);
  return json;
}

}  // namespace

bool is_rule_name(std::string_view name) {
  return !name.empty() && name.size() <= kRuleNameCharsMax && std::all_of(name.begin(), name.end(), is_name_char);
}

Result<Rule> parse_rule(const Json& json) {
  Violations violations;
  Rule rule;
  rule.name = json.text_at("name");
  if (!is_rule_name(rule.name)) violations.emplace_back("name must be 1 to 64 of letters, digits, '.', '-' and '_'");
  rule.description = json.text_at("description");
  rule.pattern = read_pattern(json, violations);
  rule.enabled = json.bool_at("enabled").value_or(true);
  rule.targets = read_targets(json, violations);
  if (const auto queue = json.string_at("deadLetterQueue")) rule.dead_letter_queue = *queue;
  if (!is_rule_name(rule.dead_letter_queue)) violations.emplace_back("deadLetterQueue must be the name of a queue");
  if (violations.empty()) return rule;
  return base::fail({ErrorCode::unprocessable, "invalid_rule", "The rule is not valid.", std::move(violations)});
}

Json rule_json(const Rule& rule) {
  auto targets = Json::array();
  for (const auto& target : rule.targets) targets.push_back(target_json(target));
  return Json::object({{"name", rule.name},
                       {"description", rule.description},
                       {"pattern", rule.pattern},
                       {"enabled", rule.enabled},
                       {"targets", std::move(targets)},
                       {"deadLetterQueue", rule.dead_letter_queue}});
}

Result<Rule> system_rule(const RuleSpec& spec) {
  const auto named = [&spec](base::Error error) {
    error.message = "Rule '" + spec.name + "': " + error.message;
    return base::fail(std::move(error));
  };
  const auto pattern = base::parse_json(spec.pattern);
  if (!pattern) return named(pattern.error());
  if (const auto compiled = Pattern::compile(*pattern); !compiled) return named(compiled.error());
  Rule rule;
  rule.name = spec.name;
  rule.pattern = *pattern;
  rule.targets.push_back({.queue = spec.queue});
  return rule;
}

}  // namespace ow::rules
