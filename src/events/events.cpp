// The feature's table of routes. See events.h.
#include "events/events.h"

#include "events/desk.h"
#include "events/replay_runner.h"
#include "events/rule_retry.h"
#include "http/handler.h"
#include "http/schema_text.h"
#include "ops/operator_action.h"

namespace ow::events {
namespace {

using base::Json;
using http::Access;
using http::handler;
using http::list_of;
using http::open_object;
using http::RequestContext;
using http::typed;

/// A store that refuses for a while does not end a replay.
constexpr int kReplayStepTriesMax = 20;

Json target_schema() {
  const auto transformer =
      open_object(Json::object({{"inputPathsMap", free_object()}, {"inputTemplate", typed("string")}}));
  auto schema = open_object(Json::object({{"queue", typed("string")},
                                          {"queueKind", Json::object({{"enum", Json::array({"ordered", "fair"})}})},
                                          {"input", Json::object()},
                                          {"inputPath", typed("string")},
                                          {"inputTransformer", transformer}}));
  schema.set("required", Json::array({"queue"}));
  return schema;
}

Json rule_members() {
  return Json::object({{"name", typed("string")},
                       {"description", typed("string")},
                       {"pattern", free_object()},
                       {"enabled", typed("boolean")},
                       {"targets", Json::object({{"type", "array"}, {"items", target_schema()}})},
                       {"deadLetterQueue", typed("string")}});
}

Json test_schema(bool with_pattern) {
  auto members = Json::object({{"events", typed("integer")}});
  if (with_pattern) members.set("pattern", free_object());
  auto schema = open_object(std::move(members));
  if (with_pattern) schema.set("required", Json::array({"pattern"}));
  return schema;
}

Json test_answer_schema() {
  return open_object(Json::object({{"tested", typed("integer")},
                                   {"matched", typed("integer")},
                                   {"items", Json::object({{"type", "array"}, {"items", free_object()}})}}));
}

const http::Parameter kLimit{"limit", "Items a page, at most 50", typed("integer")};
const http::Parameter kCursor{"cursor", "nextCursor of the page before", typed("string")};

void add_reading(const Desk& desk, http::Routes& all) {
  all.push_back({.method = "GET",
                 .pattern = "/api/rules",
                 .access = Access::operators,
                 .summary = "Event rules: the platform's own first, then the others by name.",
                 .handle = handler(desk, list_rules),
                 .query = {kLimit, kCursor},
                 .answers = {{200, list_of(rule_schema())}}});
  all.push_back({.method = "GET",
                 .pattern = "/api/rules/{id}",
                 .access = Access::operators,
                 .summary = "One event rule.",
                 .handle = handler(desk, show_rule),
                 .answers = {{200, rule_schema()}}});
  all.push_back({.method = "POST",
                 .pattern = "/api/rules/test",
                 .access = Access::operators,
                 .summary = "Which of the newest events a pattern matches.",
                 .handle = handler(desk, test_pattern),
                 .body_schema = test_schema(true),
                 .answers = {{200, test_answer_schema()}}});
  all.push_back({.method = "POST",
                 .pattern = "/api/rules/{id}/test",
                 .access = Access::operators,
                 .summary = "Which of the newest events a rule matches.",
                 .handle = handler(desk, test_rule),
                 .body_schema = test_schema(false),
                 .answers = {{200, test_answer_schema()}}});
}

void add_changing(const Desk& desk, http::Routes& all) {
  all.push_back({.method = "POST",
                 .pattern = "/api/rules",
                 .access = Access::operators,
                 .summary = "Makes an event rule; it routes everything committed after the answer.",
                 .handle = handler(desk, create_rule),
                 .body_schema = rule_body_schema(),
                 .answers = {{201, rule_schema()}}});
  all.push_back({.method = "PUT",
                 .pattern = "/api/rules/{id}",
                 .access = Access::operators,
                 .summary = "Replaces an event rule.",
                 .handle = handler(desk, replace_rule),
                 .body_schema = rule_body_schema(),
                 .answers = {{200, rule_schema()}}});
  const auto add = [&](const char* method, const char* pattern, const char* summary, http::DeskFunction<Desk> handle,
                       Json body) {
    all.push_back({.method = method,
                   .pattern = pattern,
                   .access = Access::operators,
                   .summary = summary,
                   .handle = handler(desk, handle),
                   .body_schema = std::move(body),
                   .answers = {{200, rule_schema()}}});
  };
  const auto why = open_object(Json::object({{"reason", ops::reason_schema()}}));
  add("POST", "/api/rules/{id}/enable", "Lets a rule route again.", enable_rule, why);
  add("POST", "/api/rules/{id}/disable", "Keeps a rule from routing.", disable_rule, why);
  add("DELETE", "/api/rules/{id}", "Deletes a rule.", delete_rule, {});
}

void add_replays(const Desk& desk, http::Routes& all) {
  all.push_back({.method = "GET",
                 .pattern = "/api/replays",
                 .access = Access::operators,
                 .summary = "Replays with their progress, newest first.",
                 .handle = handler(desk, list_replays),
                 .query = {kLimit, kCursor},
                 .answers = {{200, list_of(replay_schema())}}});
  all.push_back({.method = "POST",
                 .pattern = "/api/replays",
                 .access = Access::operators,
                 .summary = "Sends events of the log again to rules, in order; with dryRun only counts them.",
                 .handle = handler(desk, start_replay),
                 .body_schema = replay_body_schema(),
                 .answers = {{201, replay_schema()}}});
  all.push_back({.method = "GET",
                 .pattern = "/api/replays/{id}",
                 .access = Access::operators,
                 .summary = "One replay with its progress.",
                 .handle = handler(desk, show_replay),
                 .answers = {{200, replay_schema()}}});
  all.push_back({.method = "POST",
                 .pattern = "/api/replays/{id}/cancel",
                 .access = Access::operators,
                 .summary = "Ends a running replay; what it sent stays sent.",
                 .handle = handler(desk, cancel_replay),
                 .body_schema = open_object(Json::object({{"reason", ops::reason_schema()}})),
                 .answers = {{200, replay_schema()}}});
}

}  // namespace

Json free_object() { return Json::object({{"type", "object"}, {"additionalProperties", true}}); }

Json rule_body_schema() {
  auto schema = open_object(rule_members());
  schema.set("required", Json::array({"pattern", "targets"}));
  return schema;
}

Json rule_schema() {
  auto members = rule_members();
  members.set("system", typed("boolean"));
  members.set("changedAt", Json::object({{"type", Json::array({"string", "null"})}}));
  members.set("changedBy", Json::object({{"type", Json::array({"string", "null"})}}));
  return open_object(std::move(members));
}

base::Task<base::Result<void>> declare_queues(platform::QueueAdmin& admin) {
  auto declared = co_await admin.declare({.name = std::string(kRuleRetryQueue)});
  if (!declared) co_return declared;
  co_return co_await admin.declare({.name = std::string(kReplayQueue), .receive_limit = kReplayStepTriesMax});
}

std::vector<platform::ConsumerSpec> consumers(EventPorts ports) {
  const Desk desk = std::make_shared<const EventPorts>(std::move(ports));
  const auto runner = std::make_shared<ReplayRunner>(desk);
  return {{.queue = std::string(kReplayQueue),
           .parallel_max = 1,
           .handle = [runner](platform::Delivery delivery) { return runner->step(std::move(delivery)); }},
          {.queue = std::string(kRuleRetryQueue),
           .handle = [desk](platform::Delivery delivery) { return try_again(desk, std::move(delivery)); }}};
}

http::Routes routes(EventPorts ports) {
  const Desk desk = std::make_shared<const EventPorts>(std::move(ports));
  http::Routes all;
  add_reading(desk, all);
  add_changing(desk, all);
  add_replays(desk, all);
  return all;
}

}  // namespace ow::events
