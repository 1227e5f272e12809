// See execution_view.h. Schemas are in execution_schema.cpp.
#include "ops/execution_view.h"

#include <algorithm>

#include "base/json_fields.h"
#include "workflow/execution_edit.h"

namespace ow::ops {
namespace {

using base::Json;
using base::text_or_null;
using states::Phase;
using states::Thread;
using workflow::Execution;

std::string_view doing(Phase phase) {
  switch (phase) {
    case Phase::ready:
      return "to be entered";
    case Phase::working:
      return "task to run";
    case Phase::waiting:
      return "waiting";
    case Phase::retrying:
      return "waiting for retry";
    case Phase::forked:
      return "branches run";
    case Phase::pending:
      return "waiting for room";
    case Phase::done:
      return "done";
    case Phase::failed:
      return "failed";
    case Phase::awaiting:
      return "waiting for a callback";
  }
  return "";
}

Json seconds(base::Duration span) { return Json(std::max<std::int64_t>(span.count(), 0) / 1'000'000); }

void add_threads(const Thread& thread, const std::string& branch, Json& all) {
  if (thread.phase == Phase::done || thread.phase == Phase::pending) return;
  auto json = Json::object({{"state", thread.state},
                            {"branch", branch},
                            {"doing", doing(thread.phase)},
                            {"attempt", Json(thread.attempt)},
                            {"enteredAt", base::to_rfc3339(thread.entered)},
                            {"input", thread.input}});
  const bool timed =
      thread.phase == Phase::waiting || thread.phase == Phase::retrying || thread.phase == Phase::awaiting;
  if (timed && thread.due != states::kNever) json.set("due", base::to_rfc3339(thread.due));
  if (!thread.variables.is_null()) json.set("variables", thread.variables);
  all.push_back(std::move(json));
  for (std::size_t index = 0; index < thread.children.size(); ++index) {
    add_threads(thread.children[index], branch + (branch.empty() ? "" : "/") + std::to_string(index), all);
  }
}

Json actor_json(const workflow::Actor& actor, base::Instant at) {
  return Json::object({{"by", actor.by}, {"why", actor.why}, {"at", base::to_rfc3339(at)}});
}

}  // namespace

Json execution_row(const Execution& execution, base::Instant now) {
  return Json::object({{"executionId", execution.id},
                       {"definition", execution.definition},
                       {"version", Json(execution.version)},
                       {"status", workflow::listing_status(execution)},
                       {"state", execution.root.state},
                       {"attempt", Json(execution.root.attempt)},
                       {"error", text_or_null(execution.error)},
                       {"cause", text_or_null(execution.cause)},
                       {"startedAt", base::to_rfc3339(execution.started)},
                       {"since", base::to_rfc3339(workflow::since(execution))},
                       {"stuckSeconds", seconds(now - workflow::since(execution))},
                       {"redrives", Json(execution.redrives)}});
}

Json execution_detail(const Execution& execution, base::Instant now) {
  auto json = execution_row(execution, now);
  json.set("changedAt", base::to_rfc3339(execution.changed)).set("input", execution.input);
  if (execution.status == states::ExecutionStatus::succeeded) json.set("output", execution.output);
  if (execution.pause) {
    auto pause = actor_json({execution.pause->by, execution.pause->why}, execution.pause->at);
    pause.set("ofDefinition", Json(execution.pause->of_definition));
    json.set("pause", std::move(pause));
  }
  auto threads = Json::array();
  if (execution.status != states::ExecutionStatus::succeeded) add_threads(execution.root, "", threads);
  return std::move(json.set("current", std::move(threads)));
}

Json routing_json(const workflow::Routing& routing) {
  auto json = Json::object({{"definition", routing.name},
                            {"current", Json(routing.current)},
                            {"previous", routing.previous == 0 ? Json() : Json(routing.previous)},
                            {"latest", Json(routing.latest)},
                            {"share", Json()},
                            {"paused", Json()},
                            {"chosenBy", routing.by_operator ? "operator" : "program"},
                            {"changed", actor_json(routing.changed, routing.at)}});
  if (routing.share) {
    json.set("share",
             Json::object({{"version", Json(routing.share->version)}, {"percent", Json(routing.share->percent)}}));
  }
  if (routing.paused) json.set("paused", actor_json(routing.paused->actor, routing.paused->at));
  return json;
}

Json version_json(const workflow::DefinitionVersion& version) {
  return Json::object({{"version", Json(version.number)},
                       {"sha256", version.digest},
                       {"builtIn", Json(version.built_in)},
                       {"added", actor_json(version.added, version.at)}});
}

Json gate_json(const workflow::GateState& state) {
  return Json::object({{"paused", Json(state.closed)},
                       {"rate", state.rate == 0 ? Json() : Json(state.rate)},
                       {"changed", state.at.us == 0 ? Json() : actor_json(state.changed, state.at)}});
}

}  // namespace ow::ops
