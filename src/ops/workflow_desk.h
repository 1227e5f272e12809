// Where operators' requests about executions and definitions are taken, and the answers to task tokens. Each
// handler reads, decides and returns its answer with the Commit that makes it true and names who asked and why.
// Loop thread.
#pragma once

#include "http/router.h"
#include "ops/operator_action.h"
#include "platform/clock.h"
#include "platform/id_source.h"
#include "platform/store.h"
#include "workflow/workflows.h"

namespace ow::ops {

struct WorkflowDesk {
  platform::Store& store;
  const platform::Clock& clock;
  platform::IdSource& ids;
  workflow::Workflows& workflows;
};

using WorkflowAnswer = base::Task<base::Result<http::Reply>>;

// execution_desk.cpp
WorkflowAnswer list_executions(WorkflowDesk desk, const http::RequestContext& context);
WorkflowAnswer show_execution(WorkflowDesk desk, const http::RequestContext& context);
WorkflowAnswer show_history(WorkflowDesk desk, const http::RequestContext& context);
WorkflowAnswer start_execution(WorkflowDesk desk, const http::RequestContext& context);
WorkflowAnswer stop_execution(WorkflowDesk desk, const http::RequestContext& context);
WorkflowAnswer pause_execution(WorkflowDesk desk, const http::RequestContext& context);
WorkflowAnswer resume_execution(WorkflowDesk desk, const http::RequestContext& context);
WorkflowAnswer redrive_execution(WorkflowDesk desk, const http::RequestContext& context);
// execution_bulk.cpp
WorkflowAnswer act_on_executions(WorkflowDesk desk, const http::RequestContext& context);
// callback_desk.cpp
WorkflowAnswer answer_success(WorkflowDesk desk, const http::RequestContext& context);
WorkflowAnswer answer_failure(WorkflowDesk desk, const http::RequestContext& context);
WorkflowAnswer answer_heartbeat(WorkflowDesk desk, const http::RequestContext& context);
// definition_desk.cpp
WorkflowAnswer list_definitions(WorkflowDesk desk, const http::RequestContext& context);
WorkflowAnswer show_definition(WorkflowDesk desk, const http::RequestContext& context);
WorkflowAnswer show_version(WorkflowDesk desk, const http::RequestContext& context);
WorkflowAnswer upload_definition(WorkflowDesk desk, const http::RequestContext& context);
WorkflowAnswer route_definition(WorkflowDesk desk, const http::RequestContext& context);
WorkflowAnswer roll_back_definition(WorkflowDesk desk, const http::RequestContext& context);
WorkflowAnswer pause_definition(WorkflowDesk desk, const http::RequestContext& context);
WorkflowAnswer resume_definition(WorkflowDesk desk, const http::RequestContext& context);
WorkflowAnswer show_gate(WorkflowDesk desk, const http::RequestContext& context);
WorkflowAnswer close_gate(WorkflowDesk desk, const http::RequestContext& context);
WorkflowAnswer open_gate(WorkflowDesk desk, const http::RequestContext& context);

/// What an operator may do to one execution.
enum class ExecutionAction : std::uint8_t { stop, pause, resume, redrive };
std::optional<ExecutionAction> parse_action(std::string_view text);

/// The parts of an action with its event.
base::Task<base::Result<platform::Commit>> act(WorkflowDesk desk, Operator who, ExecutionAction action, std::string id,
                                               std::string why, std::optional<std::int64_t> version);

/// A member of the query as an integer; the edge checked it.
std::optional<std::int64_t> query_integer(const http::RequestContext& context, const std::string& name);
std::string query_member(const http::RequestContext& context, const std::string& name);

/// The filter in the query of a list, or in the body of a bulk action.
workflow::ExecutionFilter filter_from(const http::RequestContext& context);
workflow::ExecutionFilter filter_from(const base::Json& body);

}  // namespace ow::ops
