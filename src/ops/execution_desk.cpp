// Executions: list, show, start, and what is done to one. See workflow_desk.h.
#include <array>

#include <fmt/format.h>

#include "base/bounds.h"
#include "ops/execution_view.h"
#include "ops/workflow_desk.h"
#include "workflow/history_pages.h"

namespace ow::ops {
namespace {

using base::fail;
using base::Json;
using base::Result;
using base::Task;
using http::Reply;
using http::RequestContext;
using http::Response;

constexpr std::size_t kHistoryShown = 200;

constexpr std::array<std::pair<std::string_view, ExecutionAction>, 4> kActions = {
    {{"stop", ExecutionAction::stop},
     {"pause", ExecutionAction::pause},
     {"resume", ExecutionAction::resume},
     {"redrive", ExecutionAction::redrive}}};

std::string event_type(ExecutionAction action) {
  switch (action) {
    case ExecutionAction::stop:
      return "operator.execution-stopped";
    case ExecutionAction::pause:
      return "operator.execution-paused";
    case ExecutionAction::resume:
      return "operator.execution-resumed";
    case ExecutionAction::redrive:
      return "operator.execution-redriven";
  }
  return "";
}

Task<Result<platform::Commit>> parts_of(WorkflowDesk desk, ExecutionAction action, std::string id,
                                        workflow::Actor actor, std::optional<std::int64_t> version) {
  auto& control = desk.workflows.control();
  base::ExecutionId execution(std::move(id));
  switch (action) {
    case ExecutionAction::stop:
      return control.stop(std::move(execution), std::move(actor));
    case ExecutionAction::pause:
      return control.pause(std::move(execution), std::move(actor));
    case ExecutionAction::resume:
      return control.resume(std::move(execution), std::move(actor));
    case ExecutionAction::redrive:
      break;
  }
  return control.redrive(std::move(execution), version, std::move(actor));
}

WorkflowAnswer act_on_one(WorkflowDesk desk, const RequestContext& context, ExecutionAction action) {
  auto why = action == ExecutionAction::resume ? optional_reason(context.body) : required_reason(context.body);
  if (!why) co_return fail(std::move(why.error()));
  const auto& id = context.params.at("id");
  auto commit =
      co_await act(desk, operator_of(context), action, id, std::move(*why), context.body.integer_at("version"));
  if (!commit) co_return fail(std::move(commit.error()));
  Reply reply{Response::json(202, Json::object({{"executionId", id}}))};
  reply.commit = std::move(*commit);
  co_return reply;
}

Json next_or_null(std::int64_t next) { return next == 0 ? Json() : Json(next); }

}  // namespace

std::optional<ExecutionAction> parse_action(std::string_view text) {
  for (const auto& [name, action] : kActions) {
    if (name == text) return action;
  }
  return std::nullopt;
}

Task<Result<platform::Commit>> act(WorkflowDesk desk, Operator who, ExecutionAction action, std::string id,
                                   std::string why, std::optional<std::int64_t> version) {
  auto commit = co_await parts_of(desk, action, id, {who.user.text, why}, version);
  if (!commit) co_return commit;
  auto details = Json::object();
  if (version) details.set("version", Json(*version));
  commit->event(
      operator_event(who, desk.clock.now(), {event_type(action), std::move(id), std::move(why), std::move(details)}));
  co_return commit;
}

std::string query_member(const RequestContext& context, const std::string& name) {
  const auto found = context.query.find(name);
  return found == context.query.end() ? std::string() : found->second;
}

std::optional<std::int64_t> query_integer(const RequestContext& context, const std::string& name) {
  const auto text = query_member(context, name);
  return text.empty() ? std::nullopt : base::JsonNumber{text}.integer();
}

workflow::ExecutionFilter filter_from(const RequestContext& context) {
  workflow::ExecutionFilter filter;
  filter.status = query_member(context, "status");
  filter.definition = query_member(context, "definition");
  filter.error = query_member(context, "error");
  filter.cursor = query_member(context, "cursor");
  filter.limit = static_cast<std::size_t>(query_integer(context, "limit").value_or(base::bounds::kListItemsMax));
  if (const auto stuck = query_integer(context, "stuckSeconds")) filter.stuck = std::chrono::seconds(*stuck);
  return filter;
}

WorkflowAnswer list_executions(WorkflowDesk desk, const RequestContext& context) {
  auto page = co_await desk.workflows.control().list(filter_from(context));
  if (!page) co_return fail(std::move(page.error()));
  auto items = Json::array();
  for (const auto& execution : page->executions) items.push_back(execution_row(execution, desk.clock.now()));
  const auto next = page->next_cursor.empty() ? Json() : Json(page->next_cursor);
  co_return Reply{Response::json(200, Json::object({{"items", std::move(items)}, {"nextCursor", next}}))};
}

WorkflowAnswer show_execution(WorkflowDesk desk, const RequestContext& context) {
  auto stored = co_await desk.workflows.control().get(base::ExecutionId(context.params.at("id")));
  if (!stored) co_return fail(std::move(stored.error()));
  auto json = execution_detail(stored->execution, desk.clock.now());
  auto history = co_await workflow::read_history(desk.store, std::move(stored->execution), 1, kHistoryShown);
  if (!history) co_return fail(std::move(history.error()));
  json.set("history", Json(std::move(history->entries))).set("historyNext", next_or_null(history->next));
  co_return Reply{Response::json(200, json)};
}

WorkflowAnswer show_history(WorkflowDesk desk, const RequestContext& context) {
  auto stored = co_await desk.workflows.control().get(base::ExecutionId(context.params.at("id")));
  if (!stored) co_return fail(std::move(stored.error()));
  const auto limit = static_cast<std::size_t>(query_integer(context, "limit").value_or(kHistoryShown));
  auto history = co_await workflow::read_history(desk.store, std::move(stored->execution),
                                                 query_integer(context, "from").value_or(1), limit);
  if (!history) co_return fail(std::move(history.error()));
  co_return Reply{Response::json(
      200, Json::object({{"items", Json(std::move(history->entries))}, {"next", next_or_null(history->next)}}))};
}

WorkflowAnswer start_execution(WorkflowDesk desk, const RequestContext& context) {
  auto why = optional_reason(context.body);
  if (!why) co_return fail(std::move(why.error()));
  const std::string name(*context.body.string_at("definition"));
  const base::ExecutionId id(desk.ids.next("exe"));
  const auto chosen = co_await desk.workflows.definitions().choose(name, id.text);
  if (!chosen) co_return fail(chosen.error());
  const auto* input = context.body.find("input");
  const auto who = operator_of(context);
  auto response = Response::json(202, Json::object({{"executionId", id.text}, {"definition", name}}));
  response.headers.emplace_back("Location", "/api/executions/" + id.text);
  Reply reply{std::move(response)};
  reply.commit =
      desk.workflows.start(id, name, input == nullptr ? Json::object() : *input, desk.clock.now(), who.traceparent);
  reply.commit.event(
      operator_event(who, desk.clock.now(),
                     {"operator.execution-started", id.text, std::move(*why), Json::object({{"definition", name}})}));
  co_return reply;
}

WorkflowAnswer stop_execution(WorkflowDesk desk, const RequestContext& context) {
  return act_on_one(desk, context, ExecutionAction::stop);
}
WorkflowAnswer pause_execution(WorkflowDesk desk, const RequestContext& context) {
  return act_on_one(desk, context, ExecutionAction::pause);
}
WorkflowAnswer resume_execution(WorkflowDesk desk, const RequestContext& context) {
  return act_on_one(desk, context, ExecutionAction::resume);
}
WorkflowAnswer redrive_execution(WorkflowDesk desk, const RequestContext& context) {
  return act_on_one(desk, context, ExecutionAction::redrive);
}

}  // namespace ow::ops
