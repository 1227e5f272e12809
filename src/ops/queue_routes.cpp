// The table of the routes about queues; see queue_desk.h.
#include <utility>

#include "base/bounds.h"
#include "http/handler.h"
#include "http/schema_text.h"
#include "ops/queue_bounds.h"
#include "ops/queue_desk.h"
#include "ops/queue_filter.h"
#include "ops/queue_view.h"

namespace ow::ops {
namespace {

using base::Json;
using http::Access;
using http::list_of;
using http::Parameter;
using http::RequestContext;
using http::Route;
using http::typed;

Json integer(std::int64_t max) { return Json::object({{"type", "integer"}, {"minimum", 1}, {"maximum", max}}); }

Parameter limit() { return {"limit", "Items a page, at most 50", integer(base::bounds::kListItemsMax)}; }
Parameter cursor() { return {"cursor", "nextCursor of the page before", typed("string")}; }

Json body(Json::Object properties, Json::Array required = {}) {
  auto schema =
      Json::object({{"type", "object"}, {"additionalProperties", false}, {"properties", Json(std::move(properties))}});
  if (!required.empty()) schema.set("required", Json(std::move(required)));
  return schema;
}

Json redrive_schema() {
  const auto ids = Json::object({{"type", "array"},
                                 {"minItems", 1},
                                 {"maxItems", static_cast<std::uint64_t>(kIdsAtOnceMax)},
                                 {"items", typed("string")}});
  auto edit = typed("string");
  edit.set("description", "JSON text to deliver instead of the message's body; with one id only");
  auto rate = integer(kRatePerSecondMax);
  rate.set("description", "Messages a second at most; without it as fast as they go");
  return body({{"all", typed("boolean")},
               {"ids", ids},
               {"filter", filter_schema()},
               {"body", edit},
               {"ratePerSecond", rate},
               {"reason", reason_schema()}});
}

Json purge_schema() {
  auto confirm = typed("string");
  confirm.set("description", "The queue's name once more");
  return body({{"confirm", confirm}, {"reason", reason_schema()}}, {"confirm", "reason"});
}

Json result_schema() {
  return Json::object(
      {{"type", "object"},
       {"properties",
        Json::object({{"messageId", typed("string")},
                      {"group", typed("string")},
                      {"outcome", Json::object({{"enum", Json::array({"redriven", "purged", "not_found"})}})}})}});
}

Json shown_message_schema() {
  auto schema = message_schema();
  schema.find("properties")->set("edit", Json::object({{"type", Json::array({"object", "null"})}}));
  return schema;
}

Route route(QueueDesk desk, std::string method, std::string pattern, std::string summary,
            http::DeskFunction<QueueDesk> handle, std::pair<int, Json> answer) {
  Route made;
  made.method = std::move(method);
  made.pattern = std::move(pattern);
  made.access = Access::operators;
  made.summary = std::move(summary);
  made.handle = http::handler(std::move(desk), handle);
  made.answers = {std::move(answer)};
  return made;
}

Answer all_queues(QueueDesk desk, const RequestContext&) { return list_queues(desk); }
Answer pause_queue(QueueDesk desk, const RequestContext& context) { return pause(desk, context, true); }
Answer resume_queue(QueueDesk desk, const RequestContext& context) { return pause(desk, context, false); }
Answer operations(QueueDesk desk, const RequestContext& context) { return list_operations(desk, context); }

void add_looks(QueueDesk desk, http::Routes& all) {
  all.push_back(route(desk, "GET", "/api/queues", "Queues with their depth and the age of their oldest message.",
                      all_queues, {200, list_of(queue_schema())}));
  all.push_back(route(desk, "GET", "/api/queues/{name}", "One queue.", show_queue, {200, queue_schema()}));
  all.push_back(route(desk, "GET", "/api/queues/{name}/messages",
                      "Messages in order of sending, without receiving them; bodies are cut to 1 KiB.", list_messages,
                      {200, list_of(message_schema())}));
  all.back().query = filter_parameters();
  all.back().query.push_back({"id", "Only this message", typed("string")});
  all.back().query.push_back(limit());
  all.back().query.push_back(cursor());
  all.push_back(route(desk, "GET", "/api/queues/{name}/messages/{id}",
                      "One message with its whole body, and what it was before an edit.", show_message,
                      {200, shown_message_schema()}));
}

void add_changes(QueueDesk desk, http::Routes& all) {
  const auto with_reason = body({{"reason", reason_schema()}});
  all.push_back(route(desk, "POST", "/api/queues/{name}/messages/{id}/delete", "Deletes one message, with a reason.",
                      delete_message, {200, message_schema()}));
  all.back().body_schema = body({{"reason", reason_schema()}}, {"reason"});
  all.push_back(route(desk, "POST", "/api/queues/{name}/redrive",
                      "Sends dead letters back to their queue, in the background.", redrive,
                      {202, operation_schema()}));
  all.back().body_schema = redrive_schema();
  all.push_back(route(desk, "POST", "/api/queues/{name}/purge",
                      "Drops every message that the queue holds now, in the background.", purge,
                      {202, operation_schema()}));
  all.back().body_schema = purge_schema();
  all.push_back(route(desk, "POST", "/api/queues/{name}/pause",
                      "From now on nothing of the queue is handed out; sending goes on.", pause_queue,
                      {200, queue_schema()}));
  all.back().body_schema = with_reason;
  all.push_back(route(desk, "POST", "/api/queues/{name}/resume", "Hands out messages again.", resume_queue,
                      {200, queue_schema()}));
  all.back().body_schema = with_reason;
}

void add_operations(QueueDesk desk, http::Routes& all) {
  all.push_back(route(desk, "GET", "/api/queue-operations", "Redrives and purges, newest first.", operations,
                      {200, list_of(operation_schema())}));
  all.back().query = {limit(), cursor()};
  all.push_back(route(desk, "GET", "/api/queue-operations/{id}", "How far a redrive or purge came.", show_operation,
                      {200, operation_schema()}));
  all.push_back(route(desk, "GET", "/api/queue-operations/{id}/results",
                      "What became of each message, some steps of the work a page.", show_results,
                      {200, list_of(result_schema())}));
  all.back().query = {cursor()};
  all.push_back(route(desk, "POST", "/api/queue-operations/{id}/stop", "Ends a redrive or purge where it is.", stop,
                      {200, operation_schema()}));
  all.back().body_schema = body({{"reason", reason_schema()}});
}

}  // namespace

http::Routes queue_routes(QueueDesk desk) {
  http::Routes all;
  add_looks(desk, all);
  add_changes(desk, all);
  add_operations(desk, all);
  return all;
}

}  // namespace ow::ops
