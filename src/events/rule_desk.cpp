// /api/rules: list, show, create, replace, enable, disable, delete. See desk.h.
#include <fmt/core.h>

#include <algorithm>

#include "base/bounds.h"
#include "events/desk.h"
#include "events/rule_store.h"
#include "http/listing.h"
#include "ops/operator_action.h"

namespace ow::events {
namespace {

using base::ErrorCode;
using base::Json;
using base::Result;
using http::RequestContext;

/// The queues that a rule names, each with the kind to make it with when it is not there; nothing: it must be there.
struct NamedQueue {
  std::string place;
  std::string name;
  std::optional<platform::QueueKind> kind;
};

std::optional<platform::QueueKind> kind_of(const Json& target) {
  const auto kind = target.string_at("queueKind");
  if (!kind) return std::nullopt;
  return *kind == "ordered" ? platform::QueueKind::ordered : platform::QueueKind::fair;
}

std::vector<NamedQueue> queues_of(const rules::Rule& rule, const Json& body) {
  std::vector<NamedQueue> queues;
  for (std::size_t i = 0; i < rule.targets.size(); ++i) {
    queues.push_back(
        {fmt::format("targets[{}].queue", i), rule.targets[i].queue, kind_of(body.find("targets")->as_array()[i])});
  }
  queues.push_back({"deadLetterQueue", rule.dead_letter_queue, std::nullopt});
  return queues;
}

/// Error unprocessable naming each queue that nobody declared and the rule does not say how to make.
base::Task<Result<void>> check_queues(Desk desk, std::vector<NamedQueue> named) {
  const auto known = co_await desk->queue_admin.list();
  if (!known) co_return base::fail(known.error());
  std::vector<std::string> violations;
  std::vector<platform::QueueSpec> missing;
  for (const auto& queue : named) {
    const auto same = [&queue](const platform::QueueStatus& each) { return each.spec.name == queue.name; };
    if (desk->platform_queues.contains(queue.name)) {
      violations.push_back(fmt::format("{} names {}, a queue of the platform's own work", queue.place, queue.name));
      continue;
    }
    if (std::any_of(known->begin(), known->end(), same)) continue;
    if (queue.kind) {
      missing.push_back({.name = queue.name, .kind = *queue.kind});
    } else {
      violations.push_back(fmt::format("{} names the queue {}, which nobody declared", queue.place, queue.name));
    }
  }
  if (!violations.empty()) {
    co_return base::fail({ErrorCode::unprocessable, "invalid_rule", "The rule is not valid.", std::move(violations)});
  }
  for (auto& spec : missing) {
    if (auto declared = co_await desk->queue_admin.declare(std::move(spec)); !declared) co_return declared;
  }
  co_return Result<void>();
}

base::Error is_protected(const std::string& name) {
  return {ErrorCode::conflict, "rule_protected",
          fmt::format("The rule {} belongs to the platform and cannot be changed.", name)};
}

base::Task<Result<StoredRule>> changeable_rule(Desk desk, std::string name) {
  if (find_own_rule(*desk, name)) co_return base::fail(is_protected(name));
  co_return co_await find_rule(desk->store, desk->system_rules, std::move(name));
}

platform::EventDraft action_on(const StoredRule& rule, const Desk& desk, const RequestContext& context,
                               const char* type, std::string why = {}) {
  const auto who = ops::operator_of(context);
  return ops::operator_event(who, desk->clock.now(), {.type = type, .subject = rule.rule.name, .why = std::move(why)});
}

http::Reply put_rule(StoredRule rule, int status, const Desk& desk, const RequestContext& context,
                     platform::EventDraft action) {
  rule.changed_at = base::to_rfc3339(desk->clock.now());
  rule.changed_by = context.principal->user.text;
  http::Reply reply{http::Response::json(status, shown_rule(rule))};
  reply.commit.put(rule_record(rule), platform::Expect::at(rule.version));
  reply.commit.event(std::move(action));
  return reply;
}

Answer set_enabled(Desk desk, const RequestContext& context, bool enabled) {
  auto why = ops::optional_reason(context.body);
  if (!why) co_return base::fail(why.error());
  auto rule = co_await changeable_rule(desk, context.params.at("id"));
  if (!rule) co_return base::fail(rule.error());
  rule->rule.enabled = enabled;
  auto action =
      action_on(*rule, desk, context, enabled ? "operator.rule-enabled" : "operator.rule-disabled", std::move(*why));
  co_return put_rule(std::move(*rule), 200, desk, context, std::move(action));
}

}  // namespace

Answer list_rules(Desk desk, const RequestContext& context) {
  const auto limit = http::page_limit(context, base::bounds::kListItemsMax);
  if (!limit) co_return base::fail(limit.error());
  const auto page = co_await list_rules(desk->store, own_rules(*desk), *limit, http::query_text(context, "cursor"));
  if (!page) co_return base::fail(page.error());
  Json::Array items;
  for (const auto& rule : page->rules) items.push_back(shown_rule(rule));
  co_return http::Reply{http::Response::json(200, http::page_json(std::move(items), page->next_cursor))};
}

Answer show_rule(Desk desk, const RequestContext& context) {
  const auto& name = context.params.at("id");
  if (const auto own = find_own_rule(*desk, name)) co_return http::Reply{http::Response::json(200, shown_rule(*own))};
  const auto rule = co_await find_rule(desk->store, desk->system_rules, name);
  if (!rule) co_return base::fail(rule.error());
  co_return http::Reply{http::Response::json(200, shown_rule(*rule))};
}

Answer create_rule(Desk desk, const RequestContext& context) {
  auto parsed = rules::parse_rule(context.body);
  if (!parsed) co_return base::fail(parsed.error());
  if (find_own_rule(*desk, parsed->name)) co_return base::fail(is_protected(parsed->name));
  const auto taken = co_await platform::get_one(desk->store, rule_key(parsed->name));
  if (!taken) co_return base::fail(taken.error());
  if (*taken)
    co_return base::fail(ErrorCode::conflict, "rule_exists", fmt::format("There is a rule {} already.", parsed->name));
  const auto checked = co_await check_queues(desk, queues_of(*parsed, context.body));
  if (!checked) co_return base::fail(checked.error());
  StoredRule rule;
  rule.rule = std::move(*parsed);
  auto action = action_on(rule, desk, context, "operator.rule-created");
  co_return put_rule(std::move(rule), 201, desk, context, std::move(action));
}

Answer replace_rule(Desk desk, const RequestContext& context) {
  auto rule = co_await changeable_rule(desk, context.params.at("id"));
  if (!rule) co_return base::fail(rule.error());
  auto body = context.body;
  body.set("name", rule->rule.name);
  auto parsed = rules::parse_rule(body);
  if (!parsed) co_return base::fail(parsed.error());
  const auto checked = co_await check_queues(desk, queues_of(*parsed, body));
  if (!checked) co_return base::fail(checked.error());
  rule->rule = std::move(*parsed);
  auto action = action_on(*rule, desk, context, "operator.rule-replaced");
  co_return put_rule(std::move(*rule), 200, desk, context, std::move(action));
}

Answer enable_rule(Desk desk, const RequestContext& context) { return set_enabled(std::move(desk), context, true); }

Answer disable_rule(Desk desk, const RequestContext& context) { return set_enabled(std::move(desk), context, false); }

Answer delete_rule(Desk desk, const RequestContext& context) {
  auto rule = co_await changeable_rule(desk, context.params.at("id"));
  if (!rule) co_return base::fail(rule.error());
  http::Reply reply{http::Response::json(200, shown_rule(*rule))};
  reply.commit.erase(rule_key(rule->rule.name), platform::Expect::at(rule->version));
  reply.commit.event(action_on(*rule, desk, context, "operator.rule-deleted"));
  co_return reply;
}

}  // namespace ow::events
