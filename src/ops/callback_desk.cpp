// Answers to task tokens: POST /api/callbacks/success, /failure, /heartbeat. See workflow_desk.h.
#include "ops/workflow_desk.h"
#include "states/task_token.h"

namespace ow::ops {
namespace {

using base::fail;
using base::Json;
using http::RequestContext;
using workflow::CallbackAnswer;

/// What was answered is an event of the execution; a heartbeat is none.
WorkflowAnswer answer(WorkflowDesk desk, const RequestContext& context, CallbackAnswer given) {
  const std::string token(*context.body.string_at("taskToken"));
  const auto kind = given.kind;
  auto details = Json::object({{"outcome", kind == CallbackAnswer::Kind::failure ? "failure" : "success"}});
  if (kind == CallbackAnswer::Kind::failure) details.set("error", given.failure.error);
  auto commit = co_await desk.workflows.control().answer(token, std::move(given));
  if (!commit) co_return fail(std::move(commit.error()));
  http::Reply reply{http::Response::json(200, Json::object({{"accepted", true}}))};
  reply.commit = std::move(*commit);
  if (kind != CallbackAnswer::Kind::heartbeat) {
    const auto execution = states::parse_task_token(token)->execution;
    reply.commit.event(operator_event(operator_of(context), desk.clock.now(),
                                      {"operator.callback-answered", execution, "", std::move(details)}));
  }
  co_return reply;
}

}  // namespace

WorkflowAnswer answer_success(WorkflowDesk desk, const RequestContext& context) {
  const auto* output = context.body.find("output");
  return answer(desk, context, {CallbackAnswer::Kind::success, output == nullptr ? Json() : *output, {}});
}

WorkflowAnswer answer_failure(WorkflowDesk desk, const RequestContext& context) {
  const auto text = [&](std::string_view name) { return std::string(context.body.string_at(name).value_or("")); };
  return answer(desk, context, {CallbackAnswer::Kind::failure, {}, {text("error"), text("cause")}});
}

WorkflowAnswer answer_heartbeat(WorkflowDesk desk, const RequestContext& context) {
  return answer(desk, context, {CallbackAnswer::Kind::heartbeat, {}, {}});
}

}  // namespace ow::ops
