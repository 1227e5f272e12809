// See queue_desk.h.
#include "ops/queue_desk.h"

#include <utility>

#include <fmt/format.h>

#include "base/bounds.h"
#include "http/listing.h"
#include "ops/queue_bounds.h"
#include "ops/queue_filter.h"
#include "ops/queue_view.h"

namespace ow::ops {
namespace {

using base::ErrorCode;
using base::fail;
using base::Json;
using base::Result;
using base::Task;
using http::Reply;
using http::RequestContext;
using http::Response;
using platform::MessageFilter;
using platform::QueueStatus;
using Kind = QueueOperation::Kind;

tl::unexpected<base::Error> no_queue(const std::string& name) {
  return fail(ErrorCode::not_found, "queue_not_found", fmt::format("There is no queue {}.", name));
}

tl::unexpected<base::Error> refused(std::string violation) {
  return fail({ErrorCode::unprocessable, "invalid_operation", "This cannot be done so.", {std::move(violation)}});
}

Task<Result<QueueStatus>> status_of(QueueDesk desk, std::string name) {
  auto queues = co_await desk.admin.list();
  if (!queues) co_return fail(queues.error());
  for (auto& queue : *queues) {
    if (queue.spec.name == name) co_return std::move(queue);
  }
  co_return no_queue(name);
}

/// The queue of the path, when operators may change it.
Task<Result<QueueStatus>> own_queue(QueueDesk desk, const RequestContext& context) {
  std::string name = context.params.at("name");
  if (name == kOperationsQueue) {
    co_return fail(ErrorCode::conflict, "queue_is_the_operators",
                   "This queue carries what operators ask for; stop an operation instead.");
  }
  co_return co_await status_of(desk, std::move(name));
}

std::string cursor_of(const RequestContext& context) {
  const auto given = context.query.find("cursor");
  return given == context.query.end() ? std::string() : given->second;
}

/// Checked by the edge.
std::size_t limit_of(const RequestContext& context) {
  const auto given = context.query.find("limit");
  if (given == context.query.end()) return base::bounds::kListItemsMax;
  return static_cast<std::size_t>(base::JsonNumber{given->second}.integer().value_or(1));
}

Task<Result<platform::QueuedMessage>> message_of(QueueDesk desk, const RequestContext& context) {
  MessageFilter filter;
  filter.ids = {context.params.at("id")};
  filter.limit = 1;
  auto page = co_await desk.admin.inspect(context.params.at("name"), std::move(filter));
  if (!page) co_return fail(page.error());
  if (page->messages.empty()) {
    co_return fail(
        ErrorCode::not_found, "message_not_found",
        fmt::format("There is no message {} in the queue {}.", context.params.at("id"), context.params.at("name")));
  }
  co_return std::move(page->messages.front());
}

Reply accepted(const QueueOperation& operation) {
  Reply reply{Response::json(202, operation_json(operation))};
  reply.commit = start_operation(operation);
  return reply;
}

QueueOperation new_operation(QueueDesk desk, const RequestContext& context, Kind kind, std::string queue) {
  QueueOperation operation;
  operation.id = desk.ids.next("qop");
  operation.kind = kind;
  operation.queue = std::move(queue);
  operation.who = operator_of(context);
  operation.since = desk.clock.now();
  return operation;
}

Result<std::vector<std::string>> ids_in(const Json& body) {
  std::vector<std::string> ids;
  for (const auto& id : body.find("ids")->as_array()) {
    if (id.as_string().empty()) return refused("ids must not hold an empty text");
    ids.push_back(id.as_string());
  }
  return ids;
}

/// Exactly one of ids, filter and all says which messages are meant.
Result<MessageFilter> chosen(const Json& body, base::Instant now) {
  const bool all = body.bool_at("all").value_or(false);
  const bool by_id = body.find("ids") != nullptr;
  const bool by_filter = body.find("filter") != nullptr;
  if (int{all} + int{by_id} + int{by_filter} != 1) return refused("name exactly one of ids, filter and all: true");
  MessageFilter filter;
  if (by_id) {
    auto ids = ids_in(body);
    if (!ids) return fail(ids.error());
    filter.ids = std::move(*ids);
  }
  if (by_filter) {
    auto given = filter_from(*body.find("filter"), now);
    if (!given) return given;
    filter = std::move(*given);
    if (!narrows(filter)) return refused("filter must have a member; all: true means every message");
  }
  // What comes back while the work goes on is not taken a second time.
  filter.entered_before = now;
  return filter;
}

Result<std::optional<std::string>> edit_of(const Json& body, const MessageFilter& filter) {
  const auto edit = body.string_at("body");
  if (!edit) return std::optional<std::string>();
  if (filter.ids.size() != 1) return refused("body replaces that of one message: name it alone in ids");
  if (const auto json = base::parse_json(*edit); !json)
    return refused("body must be JSON text: " + json.error().message);
  return std::optional(std::string(*edit));
}

Result<void> read_wish(const Json& body, QueueOperation& operation) {
  auto why = optional_reason(body);
  if (!why) return fail(why.error());
  auto filter = chosen(body, operation.since);
  if (!filter) return fail(filter.error());
  auto edit = edit_of(body, *filter);
  if (!edit) return fail(edit.error());
  operation.why = std::move(*why);
  operation.missing = filter->ids;
  operation.filter = std::move(*filter);
  operation.edit = std::move(*edit);
  operation.rate_per_s = body.integer_at("ratePerSecond");
  return {};
}

}  // namespace

Answer list_queues(QueueDesk desk) {
  const auto queues = co_await desk.admin.list();
  if (!queues) co_return fail(queues.error());
  Json::Array items;
  for (const auto& queue : *queues) items.push_back(queue_json(queue));
  co_return Reply{Response::json(200, http::page_json(std::move(items), {}))};
}

Answer show_queue(QueueDesk desk, const RequestContext& context) {
  const auto queue = co_await status_of(desk, context.params.at("name"));
  if (!queue) co_return fail(queue.error());
  co_return Reply{Response::json(200, queue_json(*queue))};
}

Answer list_messages(QueueDesk desk, const RequestContext& context) {
  const auto now = desk.clock.now();
  auto filter = filter_from(context.query, now);
  if (!filter) co_return fail(filter.error());
  if (const auto id = context.query.find("id"); id != context.query.end()) filter->ids = {id->second};
  filter->limit = limit_of(context);
  filter->cursor = cursor_of(context);
  const auto page = co_await desk.admin.inspect(context.params.at("name"), std::move(*filter));
  if (!page) co_return fail(page.error());
  Json::Array items;
  for (const auto& message : page->messages) items.push_back(message_json(message, kListedBodyBytesMax, now));
  co_return Reply{Response::json(200, http::page_json(std::move(items), page->next_cursor))};
}

Answer show_message(QueueDesk desk, const RequestContext& context) {
  const auto message = co_await message_of(desk, context);
  if (!message) co_return fail(message.error());
  auto edit = co_await find_edit(desk.store, origin_of(context.params.at("name")), message->message.id.text);
  if (!edit) co_return fail(edit.error());
  auto json = message_json(*message, message->message.body.size(), desk.clock.now());
  json.set("edit", *edit ? std::move(**edit) : Json());
  co_return Reply{Response::json(200, json)};
}

Answer delete_message(QueueDesk desk, const RequestContext& context) {
  const auto why = required_reason(context.body);
  if (!why) co_return fail(why.error());
  const auto queue = co_await own_queue(desk, context);
  if (!queue) co_return fail(queue.error());
  const auto found = co_await message_of(desk, context);
  if (!found) co_return fail(found.error());
  const auto& message = found->message;
  const auto now = desk.clock.now();
  Reply reply{Response::json(200, message_json(*found, message.body.size(), now))};
  reply.commit.ack({message.queue, message.id, message.receipt});
  reply.commit.event(operator_event(
      operator_of(context), now,
      {"operator.queue-message-deleted", message.queue, *why, Json::object({{"messageId", message.id.text}})}));
  co_return reply;
}

Answer redrive(QueueDesk desk, const RequestContext& context) {
  const auto named = co_await own_queue(desk, context);
  if (!named) co_return fail(named.error());
  std::string name = named->spec.name;
  if (!is_dead_letter_queue(name)) name += kDeadLetterSuffix;
  auto operation = new_operation(desk, context, Kind::redrive, std::move(name));
  if (const auto read = read_wish(context.body, operation); !read) co_return fail(read.error());
  co_return accepted(operation);
}

Answer purge(QueueDesk desk, const RequestContext& context) {
  const auto why = required_reason(context.body);
  if (!why) co_return fail(why.error());
  const auto queue = co_await own_queue(desk, context);
  if (!queue) co_return fail(queue.error());
  const auto& name = queue->spec.name;
  if (context.body.string_at("confirm") != name)
    co_return refused(fmt::format("confirm must repeat the queue's name, {}", name));
  auto operation = new_operation(desk, context, Kind::purge, name);
  operation.why = *why;
  operation.filter.entered_before = operation.since;
  co_return accepted(operation);
}

Answer pause(QueueDesk desk, const RequestContext& context, bool paused) {
  const auto why = optional_reason(context.body);
  if (!why) co_return fail(why.error());
  auto queue = co_await own_queue(desk, context);
  if (!queue) co_return fail(queue.error());
  const bool changes = queue->paused != paused;
  queue->paused = paused;
  Reply reply{Response::json(200, queue_json(*queue))};
  if (!changes) co_return reply;
  platform::Commit with;
  with.event(operator_event(operator_of(context), desk.clock.now(),
                            {paused ? "operator.queue-paused" : "operator.queue-resumed", queue->spec.name, *why}));
  const auto done = co_await desk.admin.pause(queue->spec.name, paused, std::move(with));
  if (!done) co_return fail(done.error());
  if (!done->committed()) {
    co_return fail(ErrorCode::unavailable, "outcome_unknown", "The store did not say whether it was done; ask again.");
  }
  co_return reply;
}

Answer list_operations(QueueDesk desk, const RequestContext& context) {
  const auto page = co_await list_operations(desk.store, limit_of(context), cursor_of(context));
  if (!page) co_return fail(page.error());
  Json::Array items;
  for (const auto& operation : page->operations) items.push_back(operation_json(operation));
  co_return Reply{Response::json(200, http::page_json(std::move(items), page->next_cursor))};
}

namespace {

Task<Result<QueueOperation>> operation_of(QueueDesk desk, const RequestContext& context) {
  const auto& id = context.params.at("id");
  if (!platform::is_id(id, "qop")) {
    co_return fail(ErrorCode::not_found, "operation_not_found", fmt::format("There is no operation {}.", id));
  }
  auto operation = co_await find_operation(desk.store, id);
  if (!operation) co_return fail(operation.error());
  if (!*operation) {
    co_return fail(ErrorCode::not_found, "operation_not_found", fmt::format("There is no operation {}.", id));
  }
  co_return std::move(**operation);
}

}  // namespace

Answer show_operation(QueueDesk desk, const RequestContext& context) {
  const auto operation = co_await operation_of(desk, context);
  if (!operation) co_return fail(operation.error());
  co_return Reply{Response::json(200, operation_json(*operation))};
}

Answer show_results(QueueDesk desk, const RequestContext& context) {
  const auto operation = co_await operation_of(desk, context);
  if (!operation) co_return fail(operation.error());
  auto page = co_await list_results(desk.store, operation->id, cursor_of(context));
  if (!page) co_return fail(page.error());
  co_return Reply{Response::json(200, http::page_json(std::move(page->results), page->next_cursor))};
}

Answer stop(QueueDesk desk, const RequestContext& context) {
  const auto why = optional_reason(context.body);
  if (!why) co_return fail(why.error());
  auto operation = co_await operation_of(desk, context);
  if (!operation) co_return fail(operation.error());
  if (operation->status != QueueOperation::Status::running) {
    co_return fail(ErrorCode::conflict, "operation_ended",
                   fmt::format("The operation is {} already.", name_of(operation->status)));
  }
  const auto now = desk.clock.now();
  Reply reply{};
  reply.commit = stop_operation(*operation, operator_of(context), *why, now);
  operation->status = QueueOperation::Status::stopped;
  operation->ended = now;
  reply.response = Response::json(200, operation_json(*operation));
  co_return reply;
}

}  // namespace ow::ops
