// The JSON Schemas of what execution_view.h writes.
#include "http/schema_text.h"
#include "ops/execution_view.h"

namespace ow::ops {
namespace {

using base::Json;
using http::array_of;
using http::nullable;
using http::open_object;
using http::typed;

Json timestamp() { return Json::object({{"type", "string"}, {"format", "date-time"}}); }
Json nullable_object(Json properties) {
  return Json::object({{"type", Json::array({"object", "null"})}, {"properties", std::move(properties)}});
}
Json anything(const char* description) { return Json::object({{"description", description}}); }

Json actor_members() { return Json::object({{"by", typed("string")}, {"why", typed("string")}, {"at", timestamp()}}); }

Json row_members() {
  return Json::object(
      {{"executionId", typed("string")},
       {"definition", typed("string")},
       {"version", typed("integer")},
       {"status",
        Json::object({{"enum", Json::array({"running", "paused", "parked", "failed", "stopped", "succeeded"})}})},
       {"state", typed("string")},
       {"attempt", typed("integer")},
       {"error", nullable("string")},
       {"cause", nullable("string")},
       {"startedAt", timestamp()},
       {"since", timestamp()},
       {"stuckSeconds", typed("integer")},
       {"redrives", typed("integer")}});
}

Json thread_schema() {
  return open_object(Json::object({{"state", typed("string")},
                                   {"branch", typed("string")},
                                   {"doing", typed("string")},
                                   {"attempt", typed("integer")},
                                   {"enteredAt", timestamp()},
                                   {"due", timestamp()},
                                   {"input", anything("The state's input")},
                                   {"variables", typed("object")}}));
}

Json entry_schema() {
  return open_object(Json::object(
      {{"number", typed("integer")},
       {"state", typed("string")},
       {"branch", typed("string")},
       {"entry", typed("integer")},
       {"attempt", typed("integer")},
       {"outcome", Json::object({{"enum", Json::array({"succeeded", "retried", "caught", "failed", "parked"})}})},
       {"startedAt", timestamp()},
       {"endedAt", timestamp()},
       {"input", anything("What the state was given")},
       {"output", anything("What it handed on")},
       {"error", typed("string")},
       {"cause", typed("string")},
       {"action", typed("string")},
       {"by", typed("string")},
       {"why", typed("string")},
       {"at", timestamp()}}));
}

}  // namespace

Json execution_row_schema() { return open_object(row_members()); }

Json execution_schema() {
  auto members = row_members();
  auto pause = actor_members();
  pause.set("ofDefinition", typed("boolean"));
  members.set("changedAt", timestamp())
      .set("input", anything("What it was started with"))
      .set("output", anything("What it ended with"))
      .set("pause", open_object(std::move(pause)))
      .set("current", array_of(thread_schema()))
      .set("history", array_of(entry_schema()))
      .set("historyNext", nullable("integer"));
  return open_object(std::move(members));
}

Json history_schema() {
  return open_object(Json::object({{"items", array_of(entry_schema())}, {"next", nullable("integer")}}));
}

Json bulk_result_schema() {
  return http::list_of(
      open_object(Json::object({{"executionId", typed("string")},
                                {"result", Json::object({{"enum", Json::array({"done", "would_be_done", "refused"})}})},
                                {"error", typed("string")},
                                {"message", typed("string")},
                                {"violations", array_of(typed("string"))}})));
}

Json routing_schema() {
  return open_object(Json::object(
      {{"definition", typed("string")},
       {"current", typed("integer")},
       {"previous", nullable("integer")},
       {"latest", typed("integer")},
       {"version", typed("integer")},
       {"share", nullable_object(Json::object({{"version", typed("integer")}, {"percent", typed("integer")}}))},
       {"paused", nullable_object(actor_members())},
       {"chosenBy", Json::object({{"enum", Json::array({"operator", "program"})}})},
       {"changed", open_object(actor_members())},
       {"versions", array_of(version_schema())}}));
}

Json version_schema() {
  return open_object(Json::object({{"version", typed("integer")},
                                   {"sha256", typed("string")},
                                   {"builtIn", typed("boolean")},
                                   {"added", open_object(actor_members())},
                                   {"definition", typed("object")}}));
}

Json gate_schema() {
  return open_object(Json::object(
      {{"paused", typed("boolean")}, {"rate", nullable("integer")}, {"changed", nullable_object(actor_members())}}));
}

}  // namespace ow::ops
