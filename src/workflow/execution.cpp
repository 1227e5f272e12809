// The JSON form of what operating an execution adds; see execution.h. Members at their default are left out.
#include "workflow/execution.h"

#include <utility>

namespace ow::workflow {
namespace {

using base::Json;

Json pause_to_json(const Pause& pause) {
  auto json = Json::object({{"by", pause.by}, {"why", pause.why}, {"at", Json(pause.at.us)}});
  if (pause.of_definition) json.set("ofDefinition", Json(true));
  if (pause.nudged) json.set("nudged", Json(true));
  return json;
}

Pause pause_from_json(const Json& json) {
  return {json.text_at("by"),
          json.text_at("why"),
          {json.integer_at("at").value_or(0)},
          json.bool_at("ofDefinition").value_or(false),
          json.bool_at("nudged").value_or(false)};
}

}  // namespace

Json to_json(const Execution& execution) {
  auto json = states::to_json(execution);
  json.set("step", Json(execution.step));
  if (execution.pause) json.set("pause", pause_to_json(*execution.pause));
  if (execution.redrives != 0) json.set("redrives", Json(execution.redrives));
  if (execution.pages != 0) json.set("pages", Json(execution.pages));
  if (!execution.recent.entries.empty() || execution.recent.first != 1) json.set("history", to_json(execution.recent));
  return json;
}

base::Result<Execution> execution_from_json(const Json& json) {
  auto state = states::execution_from_json(json);
  if (!state) return tl::unexpected(std::move(state.error()));
  Execution execution{std::move(*state)};
  execution.step = json.integer_at("step").value_or(0);
  if (const auto* pause = json.find("pause")) execution.pause = pause_from_json(*pause);
  execution.redrives = static_cast<int>(json.integer_at("redrives").value_or(0));
  execution.pages = json.integer_at("pages").value_or(0);
  if (const auto* history = json.find("history")) execution.recent = history_from_json(*history);
  return execution;
}

}  // namespace ow::workflow
