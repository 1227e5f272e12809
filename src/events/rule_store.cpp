// See rule_store.h.
#include "events/rule_store.h"

#include <algorithm>
#include <charconv>

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

// A cursor of the store is base64url and has no dot.
constexpr std::string_view kOwnCursor = "own.";

/// The first of the platform's own rules on the page; nothing for a cursor of neither kind.
std::optional<std::size_t> own_begin(std::string_view cursor, std::size_t count) {
  if (cursor.empty()) return 0;
  if (!cursor.starts_with(kOwnCursor)) return count;
  cursor.remove_prefix(kOwnCursor.size());
  std::size_t begin = 0;
  const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), begin);
  if (error != std::errc() || end != cursor.data() + cursor.size() || begin > count) return std::nullopt;
  return begin;
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
    return base::fail(ErrorCode::internal, "rule_unreadable",
                      "The rule " + record.key.sort + " cannot be read: " + rule.error().message);
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

std::vector<StoredRule> own_rules(const EventPorts& ports) {
  std::vector<StoredRule> own;
  for (const auto& spec : ports.system_rules) own.push_back(of_system(spec));
  for (auto& audience : ports.audiences()) {
    auto& shown = own.emplace_back();
    shown.rule = std::move(audience);
    shown.system = true;
  }
  return own;
}

base::Task<Result<RulePage>> list_rules(platform::Store& store, std::vector<StoredRule> own, std::size_t limit,
                                        std::string cursor) {
  const auto begin = own_begin(cursor, own.size());
  if (!begin) co_return base::fail(ErrorCode::malformed, "cursor_invalid", "The cursor is not one of this list.");
  RulePage page;
  const auto end = std::min(own.size(), *begin + limit);
  for (auto at = *begin; at < end; ++at) page.rules.push_back(std::move(own[at]));
  const auto room = limit - page.rules.size();
  platform::Query query{.index = {}, .partition = std::string(rules::kRulePartition)};
  query.limit = std::max<std::size_t>(room, 1);  // none left: only whether there are any
  if (!cursor.starts_with(kOwnCursor)) query.cursor = std::move(cursor);
  auto records = co_await store.query(std::move(query));
  if (!records) co_return base::fail(records.error());
  const bool more = end < own.size() || (room == 0 && !records->records.empty());
  page.next_cursor = more ? std::string(kOwnCursor) + std::to_string(end) : std::move(records->next_cursor);
  for (const auto& record : records->records) {
    if (more) break;
    auto rule = rule_from(record);
    if (!rule) co_return base::fail(rule.error());
    page.rules.push_back(std::move(*rule));
  }
  co_return page;
}

base::Task<Result<StoredRule>> find_rule(platform::Store& store, std::vector<rules::RuleSpec> system,
                                         std::string name) {
  const auto same = std::find_if(system.begin(), system.end(), [&name](const auto& spec) { return spec.name == name; });
  if (same != system.end()) co_return of_system(*same);
  if (rules::is_rule_name(name)) {
    const auto record = co_await platform::get_one(store, rule_key(name));
    if (!record) co_return base::fail(record.error());
    if (*record) co_return rule_from(**record);
  }
  co_return base::fail(ErrorCode::not_found, "rule_not_found", "There is no rule " + name + ".");
}

std::optional<StoredRule> find_own_rule(const EventPorts& ports, const std::string& name) {
  for (auto& own : own_rules(ports)) {
    if (own.rule.name == name) return std::move(own);
  }
  return std::nullopt;
}

}  // namespace ow::events
