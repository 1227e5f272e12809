// POST /api/executions/bulk: one action on every execution that a query finds, a page a request, with a result
// for each. Each execution is a commit of its own, so a request that is cut off and sent again goes on where it
// was: what is done already answers as refused and changes nothing. See workflow_desk.h.
#include "ops/execution_view.h"
#include "ops/workflow_desk.h"
#include "platform/consumer.h"
#include "states/compatibility.h"
#include "workflow/bounds.h"

namespace ow::ops {
namespace {

using base::fail;
using base::Json;
using base::Result;
using base::Task;
using http::RequestContext;

struct BulkRequest {
  Operator who;
  ExecutionAction action = ExecutionAction::redrive;
  std::string why;
  std::optional<std::int64_t> version;
  bool dry_run = false;
};

Json refused(const base::Error& error) {
  auto json = Json::object({{"result", "refused"}, {"error", error.reason}, {"message", error.message}});
  if (error.violations.empty()) return json;
  auto violations = Json::array();
  for (const auto& violation : error.violations) violations.push_back(violation);
  return std::move(json.set("violations", std::move(violations)));
}

Task<Json> act_on(WorkflowDesk desk, BulkRequest request, std::string id) {
  Result<void> done;
  if (request.dry_run) {
    auto commit = co_await act(desk, request.who, request.action, id, request.why, request.version);
    if (!commit) done = fail(std::move(commit.error()));
  } else {
    done = co_await platform::commit_until_settled(desk.store, [desk, request, id] {
      return act(desk, request.who, request.action, id, request.why, request.version);
    });
  }
  auto json = done ? Json::object({{"result", request.dry_run ? "would_be_done" : "done"}}) : refused(done.error());
  co_return std::move(json.set("executionId", std::move(id)));
}

Result<BulkRequest> request_of(const RequestContext& context) {
  auto why = required_reason(context.body);
  if (!why) return fail(std::move(why.error()));
  const auto action = parse_action(*context.body.string_at("action"));
  return BulkRequest{operator_of(context), action.value_or(ExecutionAction::redrive), std::move(*why),
                     context.body.integer_at("version"), context.body.bool_at("dryRun").value_or(false)};
}

}  // namespace

workflow::ExecutionFilter filter_from(const Json& body) {
  workflow::ExecutionFilter filter;
  filter.limit = static_cast<std::size_t>(body.integer_at("limit").value_or(workflow::bounds::kBulkItemsMax));
  filter.cursor = body.string_at("cursor").value_or("");
  const auto* query = body.find("filter");
  if (query == nullptr) return filter;
  filter.status = query->string_at("status").value_or("");
  filter.definition = query->string_at("definition").value_or("");
  filter.error = query->string_at("error").value_or("");
  if (const auto stuck = query->integer_at("stuckSeconds")) filter.stuck = std::chrono::seconds(*stuck);
  return filter;
}

WorkflowAnswer act_on_executions(WorkflowDesk desk, const RequestContext& context) {
  const auto request = request_of(context);
  if (!request) co_return fail(request.error());
  auto page = co_await desk.workflows.control().list(filter_from(context.body));
  if (!page) co_return fail(std::move(page.error()));
  auto items = Json::array();
  for (const auto& execution : page->executions) items.push_back(co_await act_on(desk, *request, execution.id));
  const auto next = page->next_cursor.empty() ? Json() : Json(page->next_cursor);
  co_return http::Reply{http::Response::json(200, Json::object({{"items", std::move(items)}, {"nextCursor", next}}))};
}

}  // namespace ow::ops
