// See rule_store.h.
#include "events/rule_store.h"

#include <algorithm>

#include "rules/rule_book.h"

namespace ow::events {
namespace {

using base::ErrorCode;
using base::Json;
using base::Result;

StoredRule of_system(const rules::RuleSpec& spec) {
  StoredRule stored;
  stored.system = true;
  // They were checked when the program started.
  if (auto rule = rules::system_rule(spec)) stored.rule = std::move(*rule);
  return stored;
}

}  // namespace

platform::Key rule_key(const std::string& name) { return {std::string(rules::kRulePartition), name}; }

platform::Record rule_record(const StoredRule& rule) {
  auto json = rules::rule_json(rule.rule);
  json.set("changedAt", rule.changed_at).set("changedBy", rule.changed_by);
  return {.key = rule_key(rule.rule.name), .kind = std::string(rules::kRuleKind), .value = to_text(json)};
}

Result<StoredRule> rule_from(const platform::Record& record) {
  const auto json = base::parse_json(record.value);
  auto rule = json ? rules::parse_rule(*json) : base::fail(json.error());
  if (!rule) {
    return base::fail(ErrorCode::internal, "rule_unreadable", "The rule " + record.key.sort + " cannot be read: " + rule.error().message);
  }
  return StoredRule{.rule = std::move(*rule),
                    .changed_at = std::string(json->string_at("changedAt").value_or("")),
                    .changed_by = std::string(json->string_at("changedBy").value_or("")),
                    .version = record.version};
}

Json shown_rule(const StoredRule& rule) {
  auto json = rules::rule_json(rule.rule);
  json.set("system", rule.system);
  json.set("changedAt", rule.changed_at.empty() ? Json() : Json(rule.changed_at));
  json.set("changedBy", rule.changed_by.empty() ? Json() : Json(rule.changed_by));
  return json;
}

base::Task<Result<RulePage>> list_rules(platform::Store& store, std::vector<rules::RuleSpec> system,
                                        std::size_t limit, std::string cursor) {
  RulePage page;
  if (cursor.empty()) {
    for (const auto& spec : system) page.rules.push_back(of_system(spec));
  }
  platform::Query query{.index = {}, .partition = std::string(rules::kRulePartition)};
  query.limit = limit;
  query.cursor = std::move(cursor);
  auto records = co_await store.query(std::move(query));
  if (!records) co_return base::fail(records.error());
  for (const auto& record : records->records) {
    auto rule = rule_from(record);
    if (!rule) co_return base::fail(rule.error());
    page.rules.push_back(std::move(*rule));
  }
  page.next_cursor = std::move(records->next_cursor);
  co_return page;
}

base::Task<Result<StoredRule>> find_rule(platform::Store& store, std::vector<rules::RuleSpec> system,
                                         std::string name) {
  if (auto rule = find_system_rule(system, name)) co_return std::move(*rule);
  if (rules::is_rule_name(name)) {
    const auto record = co_await platform::get_one(store, rule_key(name));
    if (!record) co_return base::fail(record.error());
    if (*record) co_return rule_from(**record);
  }
  co_return base::fail(ErrorCode::not_found, "rule_not_found", "There is no rule " + name + ".");
}

std::optional<StoredRule> find_system_rule(const std::vector<rules::RuleSpec>& system, const std::string& name) {
  const auto found = std::find_if(system.begin(), system.end(), [&name](const auto& spec) { return spec.name == name; });
  return found == system.end() ? std::nullopt : std::optional(of_system(*found));
}

}  // namespace ow::events
