// See queue_worker.h.
#include "ops/queue_worker.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "ops/queue_bounds.h"
#include "ops/queue_filter.h"

namespace ow::ops {
namespace {

using base::Json;
using base::Result;
using base::Task;
using platform::Commit;
using platform::Delivery;
using platform::QueuedMessage;
using Kind = QueueOperation::Kind;
using Status = QueueOperation::Status;

/// A rate is in messages a second.
constexpr auto kSecond = std::chrono::seconds(1);

bool is_redrive(const QueueOperation& operation) { return operation.kind == Kind::redrive; }

platform::Key edit_key(const std::string& queue, const std::string& message_id) {
  return {"queue-edit#" + queue, message_id};
}

std::size_t step_size(const QueueOperation& operation) {
  const std::size_t most = is_redrive(operation) ? kRedriveStepMax : kPurgeStepMax;
  if (!operation.rate_per_s) return most;
  return std::clamp<std::size_t>(static_cast<std::size_t>(*operation.rate_per_s), 1, most);
}

platform::OutMessage step_message(const QueueOperation& operation, base::Duration delay) {
  return {.queue = std::string(kOperationsQueue),
          .id = base::MessageId(fmt::format("{}-{}", operation.id, operation.step)),
          .group = operation.id,
          .body = base::to_text(Json::object({{"operationId", operation.id}, {"step", operation.step}})),
          .delay = delay,
          .traceparent = operation.who.traceparent};
}

/// The first original stays beside whatever is delivered in its place; `before`: the record of earlier edits.
platform::Record edit_record(const QueueOperation& operation, const QueuedMessage& message,
                             const std::optional<Json>& before, base::Instant now) {
  auto history = before ? *before : Json::object({{"original", message.message.body}, {"edits", Json::array()}});
  auto& edits = history.find("edits")->as_array();
  if (edits.size() == kEditsShownMax) edits.erase(edits.begin());
  edits.push_back(Json::object({{"by", operation.who.user.text},
                                {"at", base::to_rfc3339(now)},
                                {"reason", operation.why},
                                {"operationId", operation.id}}));
  platform::Record record;
  record.key = edit_key(origin_of(operation.queue), message.message.id.text);
  record.kind = "queue-edit";
  record.value = base::to_text(history);
  record.expires = now + kEditKept;
  return record;
}

/// What a step works on.
struct Step {
  platform::MessagePage page;
  std::optional<Json> edits_before;
  base::Instant now;
};

void send_back(const QueueOperation& operation, const QueuedMessage& dead, const Step& step, Commit& commit) {
  const Delivery& message = dead.message;
  commit.send({.queue = origin_of(operation.queue),
               .id = message.id,
               .group = message.group,
               .body = operation.edit.value_or(message.body),
               .traceparent = message.traceparent});
  if (operation.edit) commit.put(edit_record(operation, dead, step.edits_before, step.now));
}

void take_out(QueueOperation& operation, const Step& step, std::vector<MessageResult>& results, Commit& commit) {
  for (const auto& one : step.page.messages) {
    const Delivery& message = one.message;
    commit.ack({operation.queue, message.id, message.receipt});
    if (is_redrive(operation)) send_back(operation, one, step, commit);
    results.push_back({message.id.text, message.group, is_redrive(operation) ? "redriven" : "purged"});
    std::erase(operation.missing, message.id.text);
  }
  operation.messages += step.page.messages.size();
}

platform::EventDraft event_of(const QueueOperation& operation, std::string type, base::Instant now) {
  return operator_event(operation.who, now,
                        {std::move(type), operation.queue, operation.why,
                         Json::object({{"operationId", operation.id}, {"messages", operation.messages}})});
}

void finish(QueueOperation& operation, base::Instant now, std::vector<MessageResult>& results, Commit& commit) {
  for (const auto& id : operation.missing) results.push_back({id, {}, "not_found"});
  operation.status = Status::done;
  operation.ended = now;
  commit.event(event_of(operation, is_redrive(operation) ? "operator.queue-redriven" : "operator.queue-purged", now));
}

/// At the operation's rate.
base::Duration pause_after(const QueueOperation& operation, std::size_t messages) {
  if (!operation.rate_per_s) return {};
  return base::Duration(kSecond) * static_cast<std::int64_t>(messages) / *operation.rate_per_s;
}

/// A message that moved while a pass went by, from in flight to delayed or back, is met by the next pass: the
/// last one is that which met none.
bool has_ended(QueueOperation& operation) {
  const bool by_id = !operation.filter.ids.empty();
  if (by_id && operation.missing.empty()) return true;
  if (!operation.filter.cursor.empty()) return false;
  return by_id || std::exchange(operation.messages_before, operation.messages) == operation.messages;
}

Commit next_step(QueueOperation operation, const Step& step) {
  const auto& [page, edits_before, now] = step;
  Commit commit;
  std::vector<MessageResult> results;
  take_out(operation, step, results, commit);
  operation.filter.cursor = page.next_cursor;
  const bool ended = has_ended(operation);
  if (ended) finish(operation, now, results, commit);
  commit.merge(put_results(operation, results, now));
  ++operation.step;
  if (!ended) commit.send(step_message(operation, pause_after(operation, page.messages.size())));
  commit.merge(put_operation(operation));
  return commit;
}

Commit give_up(QueueOperation operation, const base::Error& why, base::Instant now) {
  operation.status = Status::failed;
  operation.failure = why.message;
  operation.ended = now;
  auto commit = put_operation(operation);
  commit.event(event_of(operation, "operator.queue-operation-failed", now));
  return commit;
}

/// That trying again cannot mend.
bool is_final(base::ErrorCode code) {
  return code == base::ErrorCode::not_found || code == base::ErrorCode::unsupported ||
         code == base::ErrorCode::malformed;
}

Task<Result<Commit>> take_step(QueueWorkerPorts ports, Delivery delivery) {
  const auto body = base::parse_json(delivery.body);
  if (!body) co_return base::fail(body.error());
  const auto found = co_await find_operation(ports.store, std::string(body->string_at("operationId").value_or("")));
  if (!found) co_return base::fail(found.error());
  // Stopped, or this step was taken before and its message came once more.
  const bool due = *found && (*found)->status == Status::running &&
                   body->integer_at("step") == static_cast<std::int64_t>((*found)->step);
  if (!due) co_return Commit();
  auto filter = (*found)->filter;
  filter.by_group = true;
  filter.limit = step_size(**found);
  filter.bytes_max = kStepBytesMax;
  auto page = co_await ports.admin.inspect((*found)->queue, std::move(filter));
  const auto now = ports.clock.now();
  if (!page && is_final(page.error().code)) co_return give_up(**found, page.error(), now);
  if (!page) co_return base::fail(page.error());
  Step step{std::move(*page), std::nullopt, now};
  if ((*found)->edit && !step.page.messages.empty()) {
    const auto& message = step.page.messages.front().message;
    auto edits = co_await find_edit(ports.store, origin_of((*found)->queue), message.id.text);
    if (!edits) co_return base::fail(edits.error());
    step.edits_before = std::move(*edits);
  }
  co_return next_step(**found, step);
}

}  // namespace

platform::QueueSpec operations_queue() {
  platform::QueueSpec spec;
  spec.name = kOperationsQueue;
  spec.receive_limit = kStepReceivesMax;
  return spec;
}

bool is_dead_letter_queue(std::string_view queue) { return queue.ends_with(kDeadLetterSuffix); }

std::string origin_of(const std::string& queue) {
  if (!is_dead_letter_queue(queue)) return queue;
  return queue.substr(0, queue.size() - kDeadLetterSuffix.size());
}

platform::ConsumerSpec operations_consumer(QueueWorkerPorts ports) {
  platform::ConsumerSpec spec;
  spec.queue = kOperationsQueue;
  spec.parallel_max = kOperationsAtOnce;
  spec.handle = [ports](Delivery delivery) { return take_step(ports, std::move(delivery)); };
  return spec;
}

Commit start_operation(QueueOperation operation) {
  const auto* type = is_redrive(operation) ? "operator.queue-redrive-started" : "operator.queue-purge-started";
  auto commit = put_operation(operation);
  auto details = Json::object({{"operationId", operation.id}, {"filter", shown_filter(operation.filter)}});
  if (is_redrive(operation)) details.set("edited", operation.edit.has_value());
  commit.event(
      operator_event(operation.who, operation.since, {type, operation.queue, operation.why, std::move(details)}));
  commit.send(step_message(operation, {}));
  return commit;
}

Commit stop_operation(QueueOperation operation, const Operator& who, std::string why, base::Instant now) {
  operation.status = Status::stopped;
  operation.ended = now;
  auto commit = put_operation(operation);
  commit.event(operator_event(who, now,
                              {"operator.queue-operation-stopped", operation.queue, std::move(why),
                               Json::object({{"operationId", operation.id}, {"messages", operation.messages}})}));
  return commit;
}

Task<Result<std::optional<Json>>> find_edit(platform::Store& store, std::string queue, std::string message_id) {
  const auto record = co_await platform::get_one(store, edit_key(queue, message_id));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return std::nullopt;
  auto edit = base::parse_json((*record)->value);
  if (!edit) co_return base::fail(edit.error());
  co_return std::optional<Json>(std::move(*edit));
}

}  // namespace ow::ops
