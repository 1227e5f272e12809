// Routes of executions, definitions and task tokens. Loop thread.
#pragma once

#include "http/router.h"
#include "ops/workflow_desk.h"

namespace ow::ops {

/// /api/executions, /api/workflows, /api/workflow-control for operators; /api/callbacks for operators and
/// those to whom a key for them was given. What the desk refers to must outlive the routes.
http::Routes workflow_routes(WorkflowDesk desk);

}  // namespace ow::ops
