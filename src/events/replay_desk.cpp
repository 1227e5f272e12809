// /api/replays: list, show, start, cancel. See desk.h.
#include <fmt/core.h>

#include "base/bounds.h"
#include "events/desk.h"
#include "events/replay.h"
#include "events/replay_runner.h"
#include "events/rule_store.h"
#include "http/listing.h"
#include "http/schema_text.h"
#include "ops/operator_action.h"
#include "rules/pattern.h"

namespace ow::events {
namespace {

using base::ErrorCode;
using base::Json;
using base::Result;
using http::nullable;
using http::open_object;
using http::RequestContext;
using http::typed;

constexpr std::size_t kReplayRulesMax = 20;
constexpr std::int64_t kRateMax = 100'000;
constexpr std::size_t kDescriptionBytesMax = 500;

using Violations = std::vector<std::string>;

std::optional<base::Instant> time_of(const Json& body, const char* name, Violations& violations) {
  const auto text = body.string_at(name);
  if (!text) return std::nullopt;
  const auto at = base::parse_rfc3339(*text);
  if (at) return *at;
  violations.push_back(fmt::format("{} must be a time as RFC 3339 writes it", name));
  return std::nullopt;
}

void check_times(const Replay& replay, Violations& violations) {
  if (replay.to && *replay.to > replay.created) violations.emplace_back("to must not be in the future");
  if (replay.from && *replay.from >= replay.to.value_or(replay.created))
    violations.emplace_back("from must be before to, and in the past");
}

void read_rules(const Json& body, Replay& replay, Violations& violations) {
  const auto* names = body.find("rules");
  if (names == nullptr) return;
  if (names->as_array().empty() || names->as_array().size() > kReplayRulesMax) {
    violations.push_back(fmt::format("rules must name 1 to {} rules; leave it out for all", kReplayRulesMax));
  }
  for (const auto& name : names->as_array()) replay.rules.push_back(name.as_string());
}

Result<Replay> read_replay(const Json& body, base::Instant now) {
  Violations violations;
  Replay replay;
  replay.created = now;
  replay.dry_run = body.bool_at("dryRun").value_or(false);
  replay.description = body.string_at("description").value_or("");
  if (replay.description.size() > kDescriptionBytesMax)
    violations.push_back(fmt::format("description must have at most {} bytes", kDescriptionBytesMax));
  replay.from = time_of(body, "from", violations);
  replay.to = time_of(body, "to", violations);
  check_times(replay, violations);
  replay.subject = body.string_at("subject").value_or("");
  if (const auto* pattern = body.find("pattern")) {
    replay.pattern = *pattern;
    const auto compiled = rules::Pattern::compile(*pattern);
    if (!compiled) violations.push_back("pattern: " + compiled.error().message);
  }
  read_rules(body, replay, violations);
  if (body.find("ratePerSecond") != nullptr) {
    replay.rate = body.integer_at("ratePerSecond").value_or(0);
    if (*replay.rate < 1 || *replay.rate > kRateMax)
      violations.push_back(fmt::format("ratePerSecond must be an integer from 1 to {}", kRateMax));
  }
  if (violations.empty()) return replay;
  return base::fail({ErrorCode::unprocessable, "invalid_replay", "The replay is not valid.", std::move(violations)});
}

base::Task<Result<void>> check_rules(Desk desk, std::vector<std::string> names) {
  Violations violations;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (find_own_rule(*desk, names[i])) {
      violations.push_back(
          fmt::format("rules[{}]: {} is the platform's own, who heard of it are not told again", i, names[i]));
      continue;
    }
    const auto rule = co_await find_rule(desk->store, desk->system_rules, names[i]);
    if (!rule && rule.error().code != ErrorCode::not_found) co_return base::fail(rule.error());
    if (!rule) violations.push_back(fmt::format("rules[{}]: there is no rule {}", i, names[i]));
    if (rule && !rule->rule.enabled)
      violations.push_back(fmt::format("rules[{}]: the rule {} is disabled", i, names[i]));
  }
  if (violations.empty()) co_return Result<void>();
  co_return base::fail({ErrorCode::unprocessable, "invalid_replay", "The replay is not valid.", std::move(violations)});
}

base::Task<Result<Replay>> find_replay(Desk desk, std::string id) {
  const auto missing = base::Error{ErrorCode::not_found, "replay_not_found", fmt::format("There is no replay {}.", id)};
  if (!platform::is_id(id, "rpl")) co_return base::fail(missing);
  const auto record = co_await platform::get_one(desk->store, replay_key(id));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return base::fail(missing);
  co_return replay_from(**record);
}

platform::EventDraft action_on(const Replay& replay, const Desk& desk, const RequestContext& context, const char* type,
                               std::string why) {
  return ops::operator_event(ops::operator_of(context), desk->clock.now(),
                             {.type = type,
                              .subject = replay.id,
                              .why = std::move(why),
                              .details = Json::object({{"dryRun", replay.dry_run}})});
}

}  // namespace

Answer list_replays(Desk desk, const RequestContext& context) {
  const auto limit = http::page_limit(context, base::bounds::kListItemsMax);
  if (!limit) co_return base::fail(limit.error());
  platform::Query query{.index = {}, .partition = std::string(kReplayPartition)};
  query.descending = true;
  query.limit = *limit;
  query.cursor = http::query_text(context, "cursor");
  const auto page = co_await desk->store.query(std::move(query));
  if (!page) co_return base::fail(page.error());
  Json::Array items;
  for (const auto& record : page->records) {
    const auto replay = replay_from(record);
    if (!replay) co_return base::fail(replay.error());
    items.push_back(replay_json(*replay));
  }
  co_return http::Reply{http::Response::json(200, http::page_json(std::move(items), page->next_cursor))};
}

Answer show_replay(Desk desk, const RequestContext& context) {
  const auto replay = co_await find_replay(desk, context.params.at("id"));
  if (!replay) co_return base::fail(replay.error());
  co_return http::Reply{http::Response::json(200, replay_json(*replay))};
}

Answer start_replay(Desk desk, const RequestContext& context) {
  auto why = ops::optional_reason(context.body);
  if (!why) co_return base::fail(why.error());
  auto replay = read_replay(context.body, desk->clock.now());
  if (!replay) co_return base::fail(replay.error());
  if (const auto checked = co_await check_rules(desk, replay->rules); !checked) co_return base::fail(checked.error());
  const auto newest = co_await desk->event_log.newest(1);
  if (!newest) co_return base::fail(newest.error());
  replay->id = desk->ids.next("rpl");
  replay->created_by = context.principal->user.text;
  if (newest->events.empty()) {
    replay->to = replay->to.value_or(replay->created);
  } else if (!replay->to) {
    replay->end_event = newest->events.front().id.text;
  }
  http::Reply reply{http::Response::json(201, replay_json(*replay))};
  reply.commit.put(replay_record(*replay), platform::Expect::absent());
  reply.commit.send(step_message(*replay, {}));
  reply.commit.event(action_on(*replay, desk, context, "operator.replay-started", std::move(*why)));
  co_return reply;
}

Answer cancel_replay(Desk desk, const RequestContext& context) {
  auto why = ops::optional_reason(context.body);
  if (!why) co_return base::fail(why.error());
  auto replay = co_await find_replay(desk, context.params.at("id"));
  if (!replay) co_return base::fail(replay.error());
  if (replay->status != Replay::Status::running) {
    co_return base::fail(ErrorCode::conflict, fmt::format("replay_is_{}", status_text(replay->status)),
                         fmt::format("The replay is {} already.", status_text(replay->status)));
  }
  replay->status = Replay::Status::cancelled;
  replay->finished = desk->clock.now();
  replay->reason = *why;
  http::Reply reply{http::Response::json(200, replay_json(*replay))};
  reply.commit.put(replay_record(*replay), platform::Expect::at(replay->version));
  reply.commit.event(action_on(*replay, desk, context, "operator.replay-cancelled", std::move(*why)));
  co_return reply;
}

Json replay_body_schema() {
  const auto texts = Json::object({{"type", "array"}, {"items", typed("string")}});
  return open_object(Json::object({{"from", typed("string")},
                                   {"to", typed("string")},
                                   {"subject", typed("string")},
                                   {"pattern", free_object()},
                                   {"rules", texts},
                                   {"ratePerSecond", typed("integer")},
                                   {"dryRun", typed("boolean")},
                                   {"description", typed("string")},
                                   {"reason", ops::reason_schema()}}));
}

Json replay_schema() {
  const auto nullable = [](const char* type) { return Json::object({{"type", Json::array({type, "null"})}}); };
  return open_object(Json::object(
      {{"replayId", typed("string")},
       {"status", Json::object({{"enum", Json::array({"running", "completed", "cancelled", "failed"})}})},
       {"dryRun", typed("boolean")},
       {"description", typed("string")},
       {"from", nullable("string")},
       {"to", nullable("string")},
       {"subject", nullable("string")},
       {"pattern", Json::object({{"type", Json::array({"object", "null"})}, {"additionalProperties", true}})},
       {"rules", Json::object({{"type", "array"}, {"items", typed("string")}})},
       {"ratePerSecond", nullable("integer")},
       {"createdAt", typed("string")},
       {"createdBy", typed("string")},
       {"finishedAt", nullable("string")},
       {"reason", nullable("string")},
       {"position", nullable("string")},
       {"scanned", typed("integer")},
       {"matched", typed("integer")},
       {"sent", typed("integer")},
       {"deadLettered", typed("integer")},
       {"byRule", free_object()}}));
}

}  // namespace ow::events
