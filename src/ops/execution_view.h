// Executions and definitions as operators see them. Any thread.
#pragma once

#include "base/json.h"
#include "workflow/definition_book.h"
#include "workflow/execution.h"
#include "workflow/gate.h"

namespace ow::ops {

/// One line of a list.
base::Json execution_row(const workflow::Execution& execution, base::Instant now);
/// All but its history.
base::Json execution_detail(const workflow::Execution& execution, base::Instant now);

base::Json routing_json(const workflow::Routing& routing);
/// Without the text.
base::Json version_json(const workflow::DefinitionVersion& version);
base::Json gate_json(const workflow::GateState& state);

// JSON Schemas of the answers, for OpenAPI.
base::Json execution_row_schema();
base::Json execution_schema();
base::Json history_schema();
base::Json bulk_result_schema();
base::Json routing_schema();
base::Json version_schema();
base::Json gate_schema();

}  // namespace ow::ops
