// See rule_book.h.
#include "rules/rule_book.h"

#include <algorithm>
#include <optional>

#include "rules/input_shape.h"

namespace ow::rules {

using base::Json;
using base::Result;

namespace {

Json detail_of(const platform::EventDraft& event) {
  auto detail = base::parse_json(event.data);
  return detail ? std::move(*detail) : Json::object();
}

/// Reads of an event only what some rule asks for: its data is not parsed for rules on source and type.
class DraftView final : public EventView {
 public:
  explicit DraftView(const platform::EventDraft& event) : event_(event) {}

  const Json* member(std::string_view name) override {
    auto* part = part_of(name);
    if (part == nullptr) return nullptr;
    if (!*part) *part = made(name);
    return &**part;
  }

  const Json& whole() override {
    if (!whole_) whole_ = event_form(event_);
    return *whole_;
  }

 private:
  std::optional<Json>* part_of(std::string_view name) {
    if (name == "source") return &source_;
    if (name == "detail-type") return &type_;
    if (name == "time") return &time_;
    if (name == "resources") return &resources_;
    return name == "detail" ? &detail_ : nullptr;
  }

  Json made(std::string_view name) const {
    if (name == "source") return event_.source;
    if (name == "detail-type") return event_.type;
    if (name == "time") return base::to_rfc3339(event_.time);
    return name == "resources" ? Json::array({Json(event_.subject)}) : detail_of(event_);
  }

  const platform::EventDraft& event_;
  std::optional<Json> source_, type_, time_, resources_, detail_, whole_;
};

}  // namespace

Json event_form(const platform::EventDraft& event) {
  return Json::object({{"source", event.source},
                       {"detail-type", event.type},
                       {"time", base::to_rfc3339(event.time)},
                       {"resources", Json::array({Json(event.subject)})},
                       {"detail", detail_of(event)}});
}

Result<std::vector<platform::RuleTarget>> targets_of(const Rule& rule) {
  std::vector<platform::RuleTarget> targets;
  for (const auto& target : rule.targets) {
    auto shape = make_shape(target, rule.name);
    if (!shape) return base::fail(shape.error());
    targets.push_back({.rule = rule.name,
                       .queue = target.queue,
                       .place = targets.empty() ? std::string() : std::to_string(targets.size()),
                       .shape = std::move(*shape),
                       .dead_letter_queue = rule.dead_letter_queue});
  }
  return targets;
}

Result<std::unique_ptr<RuleBook>> RuleBook::make(const std::vector<RuleSpec>& system) {
  std::unique_ptr<RuleBook> book(new RuleBook());
  for (const auto& spec : system) {
    auto rule = system_rule(spec);
    if (!rule) return base::fail(std::move(rule.error()));
    if (book->entries_.contains(spec.name)) {
      return base::fail(base::ErrorCode::conflict, "rule_exists", "Two rules have the name '" + spec.name + "'.");
    }
    if (auto put = book->put(*rule); !put) return base::fail(std::move(put.error()));
  }
  return book;
}

Result<void> RuleBook::put(const Rule& rule) {
  auto pattern = Pattern::compile(rule.pattern);
  if (!pattern) return base::fail(std::move(pattern.error()));
  auto targets = targets_of(rule);
  if (!targets) return base::fail(std::move(targets.error()));
  erase(rule.name);
  const auto slot = index_.add(std::move(*pattern));
  if (slot >= by_slot_.size()) by_slot_.resize(slot + 1);
  by_slot_[slot] = entries_.emplace(rule.name, Entry{std::move(*targets), slot}).first;
  return {};
}

void RuleBook::erase(const std::string& name) {
  const auto entry = entries_.find(name);
  if (entry == entries_.end()) return;
  index_.remove(entry->second.slot);
  entries_.erase(entry);
}

Result<void> RuleBook::changed(const std::string& name, const platform::Record* record) {
  if (record == nullptr) {
    erase(name);
    return {};
  }
  const auto json = base::parse_json(record->value);
  auto rule = json ? parse_rule(*json) : base::fail(json.error());
  if (!rule) {
    rule.error().message = "The event rule " + name + " cannot be read: " + rule.error().message;
    for (const auto& violation : rule.error().violations) rule.error().message += " " + violation;
    return base::fail(std::move(rule.error()));
  }
  if (rule->enabled) return put(*rule);
  erase(name);
  return {};
}

std::vector<platform::RuleTarget> RuleBook::match(const platform::EventDraft& event) const {
  std::vector<platform::RuleTarget> targets;
  if (entries_.empty()) return targets;
  DraftView view(event);
  std::vector<Entries::const_iterator> matched;
  for (const auto slot : index_.match(view)) matched.push_back(by_slot_[slot]);
  std::sort(matched.begin(), matched.end(),
            [](const auto& left, const auto& right) { return left->first < right->first; });
  for (const auto& each : matched) {
    targets.insert(targets.end(), each->second.targets.begin(), each->second.targets.end());
  }
  return targets;
}

}  // namespace ow::rules
