// See rule_set.h.
#include "rules/rule_set.h"

#include <algorithm>
#include <optional>

namespace ow::rules {
namespace {

using base::Json;

Json envelope(const platform::EventDraft& event) {
  return Json::object({{"source", event.source}, {"detail-type", event.type}});
}

}  // namespace

Json event_form(const platform::EventDraft& event) {
  auto form = envelope(event);
  form.set("time", base::to_rfc3339(event.time));
  form.set("resources", Json::array({Json(event.subject)}));
  auto detail = base::parse_json(event.data);
  form.set("detail", detail ? std::move(*detail) : Json::object());
  return form;
}

base::Result<RuleSet> RuleSet::make(std::vector<RuleSpec> rules) {
  std::sort(rules.begin(), rules.end(), [](const auto& left, const auto& right) { return left.name < right.name; });
  RuleSet set;
  for (auto& spec : rules) {
    if (!set.rules_.empty() && set.rules_.back().target.rule == spec.name) {
      return base::fail(base::ErrorCode::conflict, "rule_exists", "Two rules have the name '" + spec.name + "'.");
    }
    auto pattern = Pattern::compile_text(spec.pattern);
    if (!pattern) {
      auto error = std::move(pattern.error());
      error.message = "Rule '" + spec.name + "': " + error.message;
      return base::fail(std::move(error));
    }
    const auto place = set.rules_.size();
    const auto types = pattern->exact_texts("detail-type");
    if (!types) set.any_type_.push_back(place);
    for (const auto& type : types.value_or(std::vector<std::string>())) {
      auto& places = set.by_type_[type];
      if (places.empty() || places.back() != place) places.push_back(place);
    }
    const bool envelope_only = pattern->looks_only_at({"source", "detail-type"});
    set.rules_.push_back({{std::move(spec.name), std::move(spec.queue)}, std::move(*pattern), envelope_only});
  }
  return set;
}

RuleSet::Places RuleSet::candidates(const std::string& type) const {
  const auto found = by_type_.find(type);
  if (found == by_type_.end()) return any_type_;
  Places places;
  std::merge(found->second.begin(), found->second.end(), any_type_.begin(), any_type_.end(), std::back_inserter(places));
  return places;
}

std::vector<platform::RuleTarget> RuleSet::match(const platform::EventDraft& event) const {
  std::vector<platform::RuleTarget> targets;
  std::optional<Json> outer;
  std::optional<Json> whole;
  for (const auto place : candidates(event.type)) {
    const auto& rule = rules_[place];
    auto& form = rule.envelope_only ? outer : whole;
    if (!form) form = rule.envelope_only ? envelope(event) : event_form(event);
    if (rule.pattern.match(*form)) targets.push_back(rule.target);
  }
  return targets;
}

}  // namespace ow::rules
