// See embedded_queue_admin.h.
#include "engine/embedded_queue_admin.h"

#include <utility>

#include <fmt/format.h>

#include "engine/receipt.h"

namespace ow::engine {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Task;
using platform::MessageFilter;
using platform::MessagePage;
using platform::QueueSpec;

namespace {

tl::unexpected<base::Error> no_queue(const std::string& name) {
  return fail(ErrorCode::not_found, "queue_not_found", fmt::format("There is no queue {}.", name));
}

std::optional<std::string> problem_of(const QueueSpec& spec) {
  if (spec.name.empty() || spec.name.find('\0') != std::string::npos) return "A queue needs a name without zero bytes.";
  if (is_dead_letter(spec.name))
    return fmt::format("{} is the name of a dead-letter queue; it comes with its queue.", spec.name);
  if (spec.receive_limit < 1) return fmt::format("The receive limit of {} is below 1.", spec.name);
  if (spec.visibility.count() <= 0) return fmt::format("The visibility timeout of {} is not positive.", spec.name);
  return std::nullopt;
}

}  // namespace

// ---- Declaring ----

Task<Result<void>> EmbeddedQueueAdmin::declare(QueueSpec spec) {
  if (auto problem = problem_of(spec)) co_return fail(ErrorCode::malformed, "queue_invalid", std::move(*problem));
  QueueSpec dead_letters;
  dead_letters.name = spec.name + std::string(kDeadLetterSuffix);
  auto declared = co_await declare_one(std::move(dead_letters));
  if (!declared) co_return declared;
  co_return co_await declare_one(std::move(spec));
}

Task<Result<void>> EmbeddedQueueAdmin::declare_one(QueueSpec spec) {
  QueueState* known = hub_.find(spec.name);
  if (known != nullptr && known->spec().kind != spec.kind) {
    co_return fail(ErrorCode::conflict, "queue_kind", fmt::format("The queue {} is of the other kind.", spec.name));
  }
  auto queue = std::make_shared<StoredQueue>();
  if (known != nullptr) {
    const QueueSpec& old = known->spec();
    if (old.visibility == spec.visibility && old.receive_limit == spec.receive_limit) co_return Result<void>();
    *queue = known->stored();
  }
  queue->spec = spec;
  auto stored = co_await committer_.run(store_queue(queue));
  if (stored) {
    hub_.adopt(*queue);
    co_return Result<void>();
  }
  // Declared by somebody else while this waited: then it is there, and of a kind to compare with.
  const bool there = stored.error().code == ErrorCode::conflict && hub_.find(spec.name) != nullptr;
  if (there) co_return co_await declare_one(std::move(spec));
  co_return stored;
}

Task<Result<std::vector<platform::QueueStatus>>> EmbeddedQueueAdmin::list() {
  std::vector<platform::QueueStatus> queues;
  for (QueueState* queue : hub_.all()) {
    auto status = co_await hub_.status(*queue);
    if (!status) co_return fail(std::move(status.error()));
    queues.push_back(std::move(*status));
  }
  co_return queues;
}

Task<Result<platform::CommitOutcome>> EmbeddedQueueAdmin::pause(std::string name, bool paused, platform::Commit with) {
  QueueState* queue = hub_.find(name);
  if (queue == nullptr) co_return no_queue(name);
  if (auto problem = with.problem()) co_return fail(ErrorCode::malformed, "commit_invalid", std::move(*problem));
  auto step = std::make_shared<StoreWith>();
  step->queue = std::make_shared<StoredQueue>(queue->stored());
  step->queue->paused = paused;
  step->with = std::move(with);
  auto done = co_await committer_.run(store_queue(step));
  if (!done) co_return fail(std::move(done.error()));
  if (step->outcome.committed()) hub_.pause(*queue, paused);
  co_return step->outcome;
}

// ---- Looking ----

namespace {

Flights flights_of(const QueueState& queue) {
  Flights flights;
  for (const auto& [sequence, flight] : queue.flights()) flights.emplace(sequence, flight.received);
  return flights;
}

/// Good for an ack; no receive has this serial, so neither extend nor release takes it.
std::string receipt_of(const Seen& seen) {
  const Message& message = *seen.message;
  const bool delayed = seen.due.us != 0;
  const bool first_delay = delayed && message.received == 0;
  return to_text({message.sequence, UINT64_MAX, first_delay ? base::Instant{} : message.sent, seen.due, message.group});
}

std::optional<platform::Death> death_of(const std::string& queue, const Message& message) {
  if (message.died.us == 0) return std::nullopt;
  platform::Death death;
  death.queue = queue.substr(0, queue.size() - kDeadLetterSuffix.size());
  death.error = message.failure;
  death.receive_count = static_cast<int>(message.died_received);
  death.first_received = message.first_received;
  death.last_received = message.last_received;
  death.died = message.died;
  return death;
}

}  // namespace

platform::QueuedMessage EmbeddedQueueAdmin::shown(QueueState& queue, const Seen& seen) const {
  const Message& message = *seen.message;
  platform::QueuedMessage shown;
  auto& delivery = shown.message;
  delivery.queue = queue.spec().name;
  delivery.id = message.id;
  delivery.group = message.group;
  delivery.body = message.body;
  delivery.traceparent = message.traceparent;
  delivery.sent = message.sent;
  delivery.receive_count = static_cast<int>(message.died.us != 0 ? message.died_received : seen.received);
  delivery.receipt = receipt_of(seen);
  delivery.error = message.failure;
  const bool flies = queue.in_flight(message.sequence) != nullptr;
  const bool blocked = seen.due.us != 0 || message.not_before > clock_.now() || queue.behind_another(message);
  shown.state = flies ? "in_flight" : blocked ? "delayed" : "ready";
  shown.death = death_of(delivery.queue, message);
  shown.expires = message.expires;
  return shown;
}

Task<Result<MessagePage>> EmbeddedQueueAdmin::inspect(std::string name, MessageFilter filter) {
  QueueState* queue = hub_.find(name);
  if (queue == nullptr) co_return no_queue(name);
  // So that states can be told.
  auto explored = co_await hub_.explore(*queue);
  if (!explored) co_return fail(std::move(explored.error()));
  Look look({reader_, clock_.now(), epoch_}, queue->number(), std::move(name), std::move(filter), flights_of(*queue));
  auto seen = co_await look.run();
  if (!seen) co_return fail(std::move(seen.error()));
  MessagePage page;
  for (const auto& one : *seen) page.messages.push_back(shown(*queue, one));
  page.next_cursor = look.next_cursor();
  co_return page;
}

}  // namespace ow::engine
