// Definitions and their versions, and the gate before all executions. See workflow_desk.h.
#include <algorithm>

#include <fmt/format.h>

#include "ops/execution_view.h"
#include "ops/workflow_desk.h"
#include "workflow/bounds.h"

namespace ow::ops {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using base::Task;
using http::Reply;
using http::RequestContext;
using http::Response;
using workflow::DefinitionBook;

constexpr std::int64_t kVersionsShown = 100;

/// The answer to a change of a definition's routing, with its event.
Reply changed(WorkflowDesk desk, const RequestContext& context, DefinitionBook::Uploaded change, std::string type,
              std::string why, Json details) {
  desk.workflows.definitions().expect_change();
  auto json = routing_json(change.routing);
  if (change.version != 0) json.set("version", Json(change.version));
  Reply reply{Response::json(200, json)};
  reply.commit = std::move(change.commit);
  reply.commit.event(operator_event(operator_of(context), desk.clock.now(),
                                    {std::move(type), change.routing.name, std::move(why), std::move(details)}));
  return reply;
}

int percent_of(const Json& body) { return static_cast<int>(body.integer_at("percent").value_or(100)); }

base::Error bad_name(const std::string& name) {
  return {ErrorCode::unprocessable,
          "invalid_name",
          "A definition cannot be called '" + name + "'.",
          {"name must have 1 to 80 of letters, digits, '_' and '-'"}};
}

WorkflowAnswer set_pause(WorkflowDesk desk, const RequestContext& context, bool paused) {
  auto why = paused ? required_reason(context.body) : optional_reason(context.body);
  if (!why) co_return fail(std::move(why.error()));
  const auto rate = static_cast<int>(context.body.integer_at("rate").value_or(0));
  auto change = co_await desk.workflows.definitions().pause(context.params.at("id"), paused, rate,
                                                            {operator_of(context).user.text, *why});
  if (!change) co_return fail(std::move(change.error()));
  if (!paused) desk.workflows.look_for_held();
  auto details = Json::object();
  if (rate != 0) details.set("rate", Json(rate));
  co_return changed(desk, context, std::move(*change),
                    paused ? "operator.definition-paused" : "operator.definition-resumed", std::move(*why),
                    std::move(details));
}

WorkflowAnswer set_gate(WorkflowDesk desk, const RequestContext& context, bool closed) {
  auto why = closed ? required_reason(context.body) : optional_reason(context.body);
  if (!why) co_return fail(std::move(why.error()));
  const auto who = operator_of(context);
  const auto rate = static_cast<int>(context.body.integer_at("rate").value_or(0));
  auto details = Json::object();
  if (rate != 0) details.set("rate", Json(rate));
  auto event = operator_event(
      who, desk.clock.now(),
      {closed ? "operator.workflows-paused" : "operator.workflows-resumed", "workflows", *why, std::move(details)});
  auto set = co_await desk.workflows.gate().set({closed, rate, {who.user.text, *why}, {}}, std::move(event));
  if (!set) co_return fail(std::move(set.error()));
  co_return Reply{Response::json(200, gate_json(desk.workflows.gate().state()))};
}

}  // namespace

WorkflowAnswer list_definitions(WorkflowDesk desk, const RequestContext&) {
  const auto routings = co_await desk.workflows.definitions().list();
  if (!routings) co_return fail(routings.error());
  auto items = Json::array();
  for (const auto& routing : *routings) items.push_back(routing_json(routing));
  co_return Reply{Response::json(200, Json::object({{"items", std::move(items)}, {"nextCursor", Json()}}))};
}

WorkflowAnswer show_definition(WorkflowDesk desk, const RequestContext& context) {
  auto& definitions = desk.workflows.definitions();
  const auto& name = context.params.at("id");
  const auto routing = co_await definitions.routing(name, true);
  if (!routing) co_return fail(routing.error());
  if (!*routing) co_return fail(ErrorCode::not_found, "definition_not_found", "There is no definition '" + name + "'.");
  auto versions = Json::array();
  const auto last = std::max<std::int64_t>(1, (*routing)->latest - kVersionsShown + 1);
  for (auto number = (*routing)->latest; number >= last; --number) {
    const auto version = co_await definitions.version(name, number);
    if (!version) co_return fail(version.error());
    if (*version) versions.push_back(version_json(**version));
  }
  co_return Reply{Response::json(200, routing_json(**routing).set("versions", std::move(versions)))};
}

WorkflowAnswer show_version(WorkflowDesk desk, const RequestContext& context) {
  auto& definitions = desk.workflows.definitions();
  const auto& name = context.params.at("id");
  const auto routing = co_await definitions.routing(name, true);
  if (!routing) co_return fail(routing.error());
  const auto number = query_integer(context, "version").value_or(*routing ? (*routing)->current : 1);
  auto version = co_await definitions.version(name, number);
  if (!version) co_return fail(std::move(version.error()));
  auto text = *version ? base::parse_json((*version)->text) : Result<Json>(Json());
  if (!*version || !text) {
    co_return fail(ErrorCode::not_found, "version_not_found",
                   fmt::format("There is no version {} of '{}'.", number, name));
  }
  co_return Reply{Response::json(200, version_json(**version).set("definition", std::move(*text)))};
}

WorkflowAnswer upload_definition(WorkflowDesk desk, const RequestContext& context) {
  auto why = required_reason(context.body);
  if (!why) co_return fail(std::move(why.error()));
  const auto& name = context.params.at("id");
  if (!workflow::is_definition_name(name)) co_return fail(bad_name(name));
  auto text = base::to_text(*context.body.find("definition"));
  if (text.size() > workflow::bounds::kDefinitionBytesMax) {
    co_return fail(ErrorCode::too_large, "definition_too_large", "A definition has at most 200 KB.");
  }
  const auto percent = percent_of(context.body);
  auto change = co_await desk.workflows.definitions().upload({name, std::move(text), percent},
                                                             {operator_of(context).user.text, *why});
  if (!change) {
    // Well-formed JSON, but refused: each violation names place and rule.
    if (change.error().reason == "invalid_definition") change.error().code = ErrorCode::unprocessable;
    co_return fail(std::move(change.error()));
  }
  auto details = Json::object({{"version", Json(change->version)}, {"percent", Json(percent)}});
  co_return changed(desk, context, std::move(*change), "operator.definition-uploaded", std::move(*why),
                    std::move(details));
}

WorkflowAnswer route_definition(WorkflowDesk desk, const RequestContext& context) {
  auto why = required_reason(context.body);
  if (!why) co_return fail(std::move(why.error()));
  const auto version = *context.body.integer_at("version");
  const auto percent = percent_of(context.body);
  auto change = co_await desk.workflows.definitions().route(context.params.at("id"), version, percent,
                                                            {operator_of(context).user.text, *why});
  if (!change) co_return fail(std::move(change.error()));
  auto details = Json::object({{"version", Json(version)}, {"percent", Json(percent)}});
  co_return changed(desk, context, std::move(*change), "operator.definition-routed", std::move(*why),
                    std::move(details));
}

WorkflowAnswer roll_back_definition(WorkflowDesk desk, const RequestContext& context) {
  auto why = required_reason(context.body);
  if (!why) co_return fail(std::move(why.error()));
  auto change =
      co_await desk.workflows.definitions().roll_back(context.params.at("id"), {operator_of(context).user.text, *why});
  if (!change) co_return fail(std::move(change.error()));
  auto details = Json::object({{"version", Json(change->version)}});
  co_return changed(desk, context, std::move(*change), "operator.definition-rolled-back", std::move(*why),
                    std::move(details));
}

WorkflowAnswer pause_definition(WorkflowDesk desk, const RequestContext& context) {
  return set_pause(desk, context, true);
}
WorkflowAnswer resume_definition(WorkflowDesk desk, const RequestContext& context) {
  return set_pause(desk, context, false);
}

WorkflowAnswer show_gate(WorkflowDesk desk, const RequestContext&) {
  co_return Reply{Response::json(200, gate_json(desk.workflows.gate().state()))};
}
WorkflowAnswer close_gate(WorkflowDesk desk, const RequestContext& context) { return set_gate(desk, context, true); }
WorkflowAnswer open_gate(WorkflowDesk desk, const RequestContext& context) { return set_gate(desk, context, false); }

}  // namespace ow::ops
