// See workflow_routes.h.
#include "ops/workflow_routes.h"

#include "base/bounds.h"
#include "http/handler.h"
#include "http/schema_text.h"
#include "ops/execution_view.h"
#include "workflow/bounds.h"

namespace ow::ops {
namespace {

using base::Json;
using http::Access;
using http::list_of;
using http::Parameter;
using http::RequestContext;
using http::Route;
using http::typed;

constexpr std::int64_t kStuckSecondsMax = 31'622'400;
constexpr std::int64_t kHistoryLimitMax = 500;
constexpr std::int64_t kRateMax = 1'000'000;
constexpr std::int64_t kErrorCharsMax = 256;

Json integer(std::int64_t low, std::int64_t high) {
  return Json::object({{"type", "integer"}, {"minimum", Json(low)}, {"maximum", Json(high)}});
}
Json text(std::int64_t chars_max) {
  return Json::object({{"type", "string"}, {"minLength", Json(std::int64_t{1})}, {"maxLength", Json(chars_max)}});
}
Json status_names() {
  return Json::object(
      {{"type", "string"}, {"enum", Json::array({"running", "paused", "parked", "failed", "stopped", "succeeded"})}});
}

Json body(Json properties, std::vector<const char*> required) {
  auto names = Json::array();
  for (const auto* name : required) names.push_back(name);
  auto schema = Json::object({{"type", "object"}, {"properties", std::move(properties)}});
  if (!required.empty()) schema.set("required", std::move(names));
  return schema;
}

Json with_reason() { return body(Json::object({{"reason", reason_schema()}}), {"reason"}); }
Json maybe_reason_and_rate() {
  return body(Json::object({{"reason", reason_schema()}, {"rate", integer(1, kRateMax)}}), {});
}

Json filter_members() {
  return Json::object({{"status", status_names()},
                       {"definition", text(80)},
                       {"error", text(kErrorCharsMax)},
                       {"stuckSeconds", integer(0, kStuckSecondsMax)}});
}

std::vector<Parameter> list_parameters() {
  std::vector<Parameter> all{{"limit", "Items a page, at most 50", integer(1, base::bounds::kListItemsMax)},
                             {"cursor", "nextCursor of the page before", typed("string")}};
  const auto filters = filter_members();
  const auto add = [&](const char* name, const char* description) {
    all.push_back({name, description, *filters.find(name)});
  };
  add("status", "Only of this status");
  add("definition", "Only of this definition");
  add("error", "Only those with this error");
  add("stuckSeconds", "Only those that are where they are for at least so long");
  return all;
}

class Table {
 public:
  explicit Table(WorkflowDesk desk) : desk_(desk) {}

  /// The scope of an API key that opens the routes that are added from here on; `reads` those that only read.
  void scope(std::string changes, std::string reads) {
    changes_ = std::move(changes);
    reads_ = std::move(reads);
  }

  Route& add(const char* method, const char* pattern, const char* summary, http::DeskFunction<WorkflowDesk> handle,
             int status, Json answer) {
    routes_.push_back({.method = method,
                       .pattern = pattern,
                       .access = Access::operators,
                       .summary = summary,
                       .handle = http::handler(desk_, handle),
                       .answers = {{status, std::move(answer)}},
                       .scope = std::string_view(method) == "GET" ? reads_ : changes_});
    return routes_.back();
  }
  http::Routes take() { return std::move(routes_); }

 private:
  WorkflowDesk desk_;
  std::string changes_;
  std::string reads_;
  http::Routes routes_;
};

void add_executions(Table& table) {
  table
      .add("GET", "/api/executions", "Executions, who moved last first", list_executions, 200,
           list_of(execution_row_schema()))
      .query = list_parameters();
  table.add("GET", "/api/executions/{id}", "One execution with its history", show_execution, 200, execution_schema());
  table.add("GET", "/api/executions/{id}/history", "More of its history", show_history, 200, history_schema()).query = {
      {"from", "Number of the first entry", integer(1, INT64_C(1'000'000'000'000))},
      {"limit", "Entries a page, at most 500", integer(1, kHistoryLimitMax)}};
  table.add("POST", "/api/executions", "Starts an execution of a definition", start_execution, 202, typed("object"))
      .body_schema = body(Json::object({{"definition", text(80)},
                                        {"input", Json::object({{"additionalProperties", true}})},
                                        {"reason", reason_schema()}}),
                          {"definition"});
  table
      .add("POST", "/api/executions/bulk", "Does the same to every execution that a query finds, a page at a time",
           act_on_executions, 200, bulk_result_schema())
      .body_schema = body(
      Json::object({{"action",
                     Json::object({{"type", "string"}, {"enum", Json::array({"stop", "pause", "resume", "redrive"})}})},
                    {"filter", body(filter_members(), {})},
                    {"version", integer(1, workflow::bounds::kDefinitionVersionsMax)},
                    {"reason", reason_schema()},
                    {"dryRun", typed("boolean")},
                    {"limit", integer(1, workflow::bounds::kBulkItemsMax)},
                    {"cursor", typed("string")}}),
      {"action", "filter", "reason"});
}

void add_actions(Table& table) {
  table
      .add("POST", "/api/executions/{id}/stop", "Ends an execution where it stands", stop_execution, 202,
           typed("object"))
      .body_schema = with_reason();
  table.add("POST", "/api/executions/{id}/pause", "Holds an execution", pause_execution, 202, typed("object"))
      .body_schema = with_reason();
  table
      .add("POST", "/api/executions/{id}/resume", "Lets a paused execution go on", resume_execution, 202,
           typed("object"))
      .body_schema = body(Json::object({{"reason", reason_schema()}}), {});
  table
      .add("POST", "/api/executions/{id}/redrive", "Runs a failed, stopped or parked execution on from where it ended",
           redrive_execution, 202, typed("object"))
      .body_schema = body(
      Json::object({{"reason", reason_schema()}, {"version", integer(1, workflow::bounds::kDefinitionVersionsMax)}}),
      {"reason"});
}

void add_definitions(Table& table) {
  table.add("GET", "/api/workflows", "Definitions and which version new executions get", list_definitions, 200,
            list_of(routing_schema()));
  table.add("GET", "/api/workflows/{id}", "One definition with its versions", show_definition, 200, routing_schema());
  table
      .add("GET", "/api/workflows/{id}/text", "One version with its text; without version the current one",
           show_version, 200, version_schema())
      .query = {{"version", "Its number", integer(1, workflow::bounds::kDefinitionVersionsMax)}};
  table
      .add("POST", "/api/workflows/{id}/versions", "Adds a version, for all or a share of new executions",
           upload_definition, 200, routing_schema())
      .body_schema =
      body(Json::object({{"definition", Json::object({{"type", "object"}, {"additionalProperties", true}})},
                         {"percent", integer(0, 100)},
                         {"reason", reason_schema()}}),
           {"definition", "reason"});
  table
      .add("POST", "/api/workflows/{id}/route", "Gives all or a share of new executions to a version", route_definition,
           200, routing_schema())
      .body_schema = body(Json::object({{"version", integer(1, workflow::bounds::kDefinitionVersionsMax)},
                                        {"percent", integer(0, 100)},
                                        {"reason", reason_schema()}}),
                          {"version", "reason"});
  table
      .add("POST", "/api/workflows/{id}/roll-back", "Ends a share, or goes back to the version before",
           roll_back_definition, 200, routing_schema())
      .body_schema = with_reason();
  table
      .add("POST", "/api/workflows/{id}/pause", "Holds the definition's executions", pause_definition, 200,
           routing_schema())
      .body_schema = with_reason();
  table
      .add("POST", "/api/workflows/{id}/resume", "Lets the definition's executions go on, at a rate", resume_definition,
           200, routing_schema())
      .body_schema = maybe_reason_and_rate();
}

void add_gate(Table& table) {
  table.add("GET", "/api/workflow-control", "Whether all executions are paused", show_gate, 200, gate_schema());
  table.add("POST", "/api/workflow-control/pause", "Holds all executions", close_gate, 200, gate_schema()).body_schema =
      with_reason();
  table
      .add("POST", "/api/workflow-control/resume", "Lets all executions go on, at a rate", open_gate, 200,
           gate_schema())
      .body_schema = maybe_reason_and_rate();
}

void add_callbacks(Table& table) {
  const auto token = Json::object({{"type", "string"}, {"minLength", Json(1)}, {"maxLength", Json(512)}});
  const auto answer =
      Json::object({{"type", "object"}, {"properties", Json::object({{"accepted", typed("boolean")}})}});
  table.add("POST", "/api/callbacks/success", "Answers a task token with a result", answer_success, 200, answer)
      .body_schema = body(
      Json::object({{"taskToken", token}, {"output", Json::object({{"additionalProperties", true}})}}), {"taskToken"});
  table.add("POST", "/api/callbacks/failure", "Answers a task token with an error", answer_failure, 200, answer)
      .body_schema =
      body(Json::object({{"taskToken", token}, {"error", text(kErrorCharsMax)}, {"cause", typed("string")}}),
           {"taskToken", "error"});
  table
      .add("POST", "/api/callbacks/heartbeat", "Says that a task is still being worked on", answer_heartbeat, 200,
           answer)
      .body_schema = body(Json::object({{"taskToken", token}}), {"taskToken"});
}

}  // namespace

http::Routes workflow_routes(WorkflowDesk desk) {
  Table table(desk);
  table.scope("executions:operate", "executions:read");
  add_executions(table);
  add_actions(table);
  add_definitions(table);
  add_gate(table);
  table.scope("executions:callback", "");
  add_callbacks(table);
  return table.take();
}

}  // namespace ow::ops
