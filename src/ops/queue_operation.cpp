// See queue_operation.h.
#include "ops/queue_operation.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "ops/queue_bounds.h"
#include "ops/queue_filter.h"

namespace ow::ops {
namespace {

using base::Json;

constexpr auto kIndex = "queue-operations";
constexpr auto kAll = "all";
constexpr auto kSort = "operation";
constexpr auto kResultPrefix = "result#";

platform::Key operation_key(const std::string& id) { return {"queue-operation#" + id, kSort}; }

Json texts(const std::vector<std::string>& list) {
  auto array = Json::array();
  for (const auto& text : list) array.push_back(text);
  return array;
}

std::vector<std::string> texts_at(const Json& json, const char* name) {
  std::vector<std::string> list;
  const Json* array = json.find(name);
  for (const auto& text : array != nullptr ? array->as_array() : Json::Array{}) list.push_back(text.as_string());
  return list;
}

Json stored_json(const QueueOperation& operation) {
  auto json = Json::object({{"id", operation.id},
                            {"kind", name_of(operation.kind)},
                            {"status", name_of(operation.status)},
                            {"queue", operation.queue},
                            {"filter", stored_filter(operation.filter)},
                            {"by", operation.who.user.text},
                            {"requestId", operation.who.request_id},
                            {"traceparent", operation.who.traceparent},
                            {"why", operation.why},
                            {"since", operation.since.us},
                            {"step", operation.step},
                            {"messages", operation.messages},
                            {"messagesBefore", operation.messages_before},
                            {"missing", texts(operation.missing)},
                            {"failure", operation.failure}});
  if (operation.edit) json.set("edit", *operation.edit);
  if (operation.rate_per_s) json.set("rate", *operation.rate_per_s);
  if (operation.ended) json.set("ended", operation.ended->us);
  return json;
}

QueueOperation::Status parse_status(std::string_view text) {
  using Status = QueueOperation::Status;
  for (const auto status : {Status::done, Status::stopped, Status::failed}) {
    if (name_of(status) == text) return status;
  }
  return Status::running;
}

base::Result<QueueOperation> operation_from(const platform::Record& record) {
  const auto json = base::parse_json(record.value);
  if (!json || record.schema != 1) {
    return base::fail(base::ErrorCode::internal, "operation_unreadable",
                      fmt::format("The record {} cannot be read.", record.key.partition));
  }
  const auto text = [&](const char* name) { return std::string(json->string_at(name).value_or("")); };
  const auto number = [&](const char* name) { return json->integer_at(name).value_or(0); };
  QueueOperation operation;
  operation.id = text("id");
  operation.kind = text("kind") == "purge" ? QueueOperation::Kind::purge : QueueOperation::Kind::redrive;
  operation.status = parse_status(text("status"));
  operation.queue = text("queue");
  operation.filter = filter_of_stored(*json->find("filter"));
  operation.who = {base::UserId(text("by")), text("requestId"), text("traceparent")};
  operation.why = text("why");
  operation.since = {number("since")};
  operation.step = static_cast<std::uint64_t>(number("step"));
  operation.messages = static_cast<std::uint64_t>(number("messages"));
  operation.messages_before = static_cast<std::uint64_t>(number("messagesBefore"));
  operation.missing = texts_at(*json, "missing");
  operation.failure = text("failure");
  if (json->find("edit") != nullptr) operation.edit = text("edit");
  if (json->find("rate") != nullptr) operation.rate_per_s = number("rate");
  if (json->find("ended") != nullptr) operation.ended = base::Instant{number("ended")};
  operation.version = record.version;
  return operation;
}

Json result_json(const MessageResult& result) {
  return Json::object({{"messageId", result.id}, {"group", result.group}, {"outcome", result.outcome}});
}

}  // namespace

std::string_view name_of(QueueOperation::Kind kind) {
  return kind == QueueOperation::Kind::purge ? "purge" : "redrive";
}

std::string_view name_of(QueueOperation::Status status) {
  switch (status) {
    case QueueOperation::Status::running:
      return "running";
    case QueueOperation::Status::done:
      return "done";
    case QueueOperation::Status::stopped:
      return "stopped";
    case QueueOperation::Status::failed:
      return "failed";
  }
  return "";
}

platform::Commit put_operation(const QueueOperation& operation) {
  platform::Record record;
  record.key = operation_key(operation.id);
  record.kind = "queue-operation";
  record.value = base::to_text(stored_json(operation));
  record.indexes = {{kIndex, kAll, operation.id}};
  if (operation.ended) record.expires = *operation.ended + kOperationKept;
  platform::Commit commit;
  commit.put(std::move(record), platform::Expect::at(operation.version));
  return commit;
}

platform::Commit put_results(const QueueOperation& operation, const std::vector<MessageResult>& results,
                             base::Instant now) {
  platform::Commit commit;
  if (results.empty()) return commit;
  auto list = Json::array();
  for (const auto& result : results) list.push_back(result_json(result));
  platform::Record record;
  record.key = {operation_key(operation.id).partition, fmt::format("{}{:012}", kResultPrefix, operation.step)};
  record.kind = "queue-operation-results";
  record.value = base::to_text(Json::object({{"results", std::move(list)}}));
  record.expires = now + kOperationKept;
  commit.put(std::move(record));
  return commit;
}

base::Task<base::Result<std::optional<QueueOperation>>> find_operation(platform::Store& store, std::string id) {
  const auto record = co_await platform::get_one(store, operation_key(id));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return std::nullopt;
  auto operation = operation_from(**record);
  if (!operation) co_return base::fail(operation.error());
  co_return std::optional<QueueOperation>(std::move(*operation));
}

base::Task<base::Result<OperationPage>> list_operations(platform::Store& store, std::size_t limit, std::string cursor) {
  platform::Query query{kIndex, kAll};
  query.descending = true;
  query.limit = limit;
  query.cursor = std::move(cursor);
  const auto page = co_await store.query(std::move(query));
  if (!page) co_return base::fail(page.error());
  OperationPage found{{}, page->next_cursor};
  for (const auto& record : page->records) {
    auto operation = operation_from(record);
    if (!operation) co_return base::fail(operation.error());
    found.operations.push_back(std::move(*operation));
  }
  co_return found;
}

base::Task<base::Result<ResultPage>> list_results(platform::Store& store, std::string id, std::string cursor) {
  platform::Query query{{}, operation_key(id).partition};
  query.from = kResultPrefix;
  query.limit = kResultStepsAtOnce;
  query.cursor = std::move(cursor);
  const auto page = co_await store.query(std::move(query));
  if (!page) co_return base::fail(page.error());
  ResultPage found{{}, page->next_cursor};
  for (const auto& record : page->records) {
    const auto json = base::parse_json(record.value);
    if (!json) co_return base::fail(json.error());
    for (const auto& result : json->find("results")->as_array()) found.results.push_back(result);
  }
  co_return found;
}

Json operation_json(const QueueOperation& operation) {
  return Json::object({{"operationId", operation.id},
                       {"kind", name_of(operation.kind)},
                       {"status", name_of(operation.status)},
                       {"queue", operation.queue},
                       {"filter", shown_filter(operation.filter)},
                       {"edited", operation.edit.has_value()},
                       {"ratePerSecond", operation.rate_per_s ? Json(*operation.rate_per_s) : Json()},
                       {"messages", operation.messages},
                       {"missing", texts(operation.missing)},
                       {"by", operation.who.user.text},
                       {"reason", operation.why},
                       {"requestedAt", base::to_rfc3339(operation.since)},
                       {"endedAt", operation.ended ? Json(base::to_rfc3339(*operation.ended)) : Json()},
                       {"failure", operation.failure.empty() ? Json() : Json(operation.failure)}});
}

Json operation_schema() {
  const auto typed = [](const char* type) { return Json::object({{"type", type}}); };
  const auto nullable = [](const char* type) { return Json::object({{"type", Json::array({type, "null"})}}); };
  return Json::object(
      {{"type", "object"},
       {"properties",
        Json::object({{"operationId", typed("string")},
                      {"kind", Json::object({{"enum", Json::array({"redrive", "purge"})}})},
                      {"status", Json::object({{"enum", Json::array({"running", "done", "stopped", "failed"})}})},
                      {"queue", typed("string")},
                      {"filter", typed("object")},
                      {"edited", typed("boolean")},
                      {"ratePerSecond", nullable("integer")},
                      {"messages", typed("integer")},
                      {"missing", Json::object({{"type", "array"}, {"items", typed("string")}})},
                      {"by", typed("string")},
                      {"reason", typed("string")},
                      {"requestedAt", typed("string")},
                      {"endedAt", nullable("string")},
                      {"failure", nullable("string")}})}});
}

}  // namespace ow::ops
