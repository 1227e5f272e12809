// See embedded_queue_admin.h.
#include "engine/embedded_queue_admin.h"

#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/bounds.h"
#include "base/encoding.h"
#include "engine/bytes.h"
#include "engine/embedded_event_log.h"
#include "engine/queue_loader.h"

namespace ow::engine {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Task;
using platform::MessageFilter;
using platform::MessagePage;
using platform::QueueSpec;

namespace {

constexpr std::size_t kLookChunk = 256;
constexpr std::size_t kMoveChunk = 64;

tl::unexpected<base::Error> no_queue(const std::string& name) {
  return fail(ErrorCode::not_found, "queue_not_found", fmt::format("There is no queue {}.", name));
}

std::optional<std::string> problem_of(const QueueSpec& spec) {
  if (spec.name.empty() || spec.name.find('\0') != std::string::npos)
    return "A queue needs a name without zero bytes.";
  if (is_dead_letter(spec.name))
    return fmt::format("{} is the name of a dead-letter queue; it comes with its queue.", spec.name);
  if (spec.receive_limit < 1) return fmt::format("The receive limit of {} is below 1.", spec.name);
  if (spec.visibility.count() <= 0)
    return fmt::format("The visibility timeout of {} is not positive.", spec.name);
  return std::nullopt;
}

std::string cursor_of(const std::string& queue, const MessageFilter& filter, Sequence last) {
  std::string bytes;
  put_number(bytes, last);
  put_text(bytes, queue);
  put_text(bytes, filter.id);
  put_text(bytes, filter.group);
  put_text(bytes, filter.body_has);
  return base::to_base64url(bytes);
}

Result<Sequence> behind_cursor(const std::string& queue, const MessageFilter& filter) {
  if (filter.cursor.empty()) return Sequence{0};
  const auto bytes = base::from_base64url(filter.cursor);
  const Sequence last = bytes ? ByteReader(*bytes).number() : 0;
  if (!bytes || filter.cursor != cursor_of(queue, filter, last)) {
    return fail(ErrorCode::malformed, "cursor_invalid", "The cursor is not one of this queue and filter.");
  }
  return last;
}

/// By what is in the message itself; a body that repeats an event is judged later.
bool passes(const Message& message, const MessageFilter& filter) {
  if (!filter.id.empty() && message.id.text != filter.id) return false;
  if (!filter.group.empty() && message.group != filter.group) return false;
  return message.event_sequence != 0 || message.body.find(filter.body_has) != std::string::npos;
}

}  // namespace

// ---- Declaring ----

Task<Result<void>> EmbeddedQueueAdmin::declare(QueueSpec spec) {
  if (auto problem = problem_of(spec))
    co_return fail(ErrorCode::malformed, "queue_invalid", std::move(*problem));
  QueueSpec dead_letters;
  dead_letters.name = spec.name + std::string(kDeadLetterSuffix);
  auto declared = co_await declare_one(std::move(dead_letters));
  if (!declared) co_return declared;
  co_return co_await declare_one(std::move(spec));
}

Task<Result<void>> EmbeddedQueueAdmin::declare_one(QueueSpec spec) {
  QueueState* known = hub_.find(spec.name);
  if (known != nullptr && known->spec().kind != spec.kind) {
    co_return fail(ErrorCode::conflict, "queue_kind",
                   fmt::format("The queue {} is of the other kind.", spec.name));
  }
  auto queue = std::make_shared<StoredQueue>();
  if (known != nullptr) {
    const QueueSpec& old = known->spec();
    if (old.visibility == spec.visibility && old.receive_limit == spec.receive_limit)
      co_return Result<void>();
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

Task<Result<void>> EmbeddedQueueAdmin::pause(std::string name, bool paused) {
  QueueState* queue = hub_.find(name);
  if (queue == nullptr) co_return no_queue(name);
  auto stored = std::make_shared<StoredQueue>(queue->stored());
  stored->paused = paused;
  auto done = co_await committer_.run(store_queue(stored));
  if (done) hub_.pause(*queue, paused);
  co_return done;
}

// ---- Looking ----

/// The first `count` messages behind a sequence that pass the filter, in order of sending. The store has them
/// by group, so all are passed by; memory is bounded by `count`.
Task<Result<std::vector<EmbeddedQueueAdmin::Seen>>> EmbeddedQueueAdmin::look(QueueNumber queue,
                                                                             Sequence behind,
                                                                             MessageFilter filter,
                                                                             std::size_t count) {
  auto view = co_await reader_.view();
  if (!view) co_return fail(std::move(view.error()));
  std::map<Sequence, Seen> first;
  const base::Instant now = clock_.now();
  const auto keep = [&](Message message, bool delayed) {
    if (message.sequence <= behind || !passes(message, filter)) return;
    if (message.expires && *message.expires <= now) return;
    const Sequence sequence = message.sequence;
    first[sequence] = {std::make_shared<const Message>(std::move(message)), delayed};
    if (first.size() > count) first.erase(std::prev(first.end()));
  };
  std::map<Sequence, Seen> ready;  // kept when the second scan must begin again
  auto messages = co_await each_message(
      reader_, *view, queue, [&](Message message) { keep(std::move(message), false); },
      [&] { first.clear(); });
  if (!messages) co_return fail(std::move(messages.error()));
  ready = first;
  auto delayed = co_await each_delayed(
      reader_, *view, queue,
      [&](std::string_view, base::Instant, Message message) { keep(std::move(message), true); },
      [&] { first = ready; });
  if (!delayed) co_return fail(std::move(delayed.error()));
  std::vector<Seen> seen;
  for (auto& [sequence, one] : first) seen.push_back(std::move(one));
  co_return seen;
}

/// Fetches the bodies that repeat events, and drops those that do not have the text.
Task<Result<std::vector<EmbeddedQueueAdmin::Seen>>> EmbeddedQueueAdmin::with_bodies(std::vector<Seen> seen,
                                                                                    std::string body_has) {
  std::vector<Seen> kept;
  for (auto& one : seen) {
    if (one.message->event_sequence != 0) {
      const EventPlace place{one.message->event_sequence, one.message->event_index};
      auto body = co_await event_body(reader_, epoch_, place);
      if (!body) co_return fail(std::move(body.error()));
      Message message = *one.message;
      message.body = std::move(*body).value_or(std::string());
      one.message = std::make_shared<const Message>(std::move(message));
    }
    if (one.message->body.find(body_has) != std::string::npos) kept.push_back(std::move(one));
  }
  co_return kept;
}

platform::QueuedMessage EmbeddedQueueAdmin::shown(QueueState& queue, const Seen& seen) const {
  const Message& message = *seen.message;
  const InFlight* flight = queue.in_flight(message.sequence);
  platform::QueuedMessage shown;
  shown.message.queue = queue.spec().name;
  shown.message.id = message.id;
  shown.message.group = message.group;
  shown.message.body = message.body;
  shown.message.traceparent = message.traceparent;
  shown.message.sent = message.sent;
  shown.message.receive_count = static_cast<int>(flight != nullptr ? flight->received : message.received);
  const bool blocked = message.not_before > clock_.now() || queue.behind_another(message);
  shown.state = flight != nullptr ? "in_flight" : seen.delayed || blocked ? "delayed" : "ready";
  shown.failure = message.failure;
  return shown;
}

Task<Result<MessagePage>> EmbeddedQueueAdmin::inspect(std::string name, MessageFilter filter) {
  QueueState* queue = hub_.find(name);
  if (queue == nullptr) co_return no_queue(name);
  auto behind = behind_cursor(name, filter);
  if (!behind) co_return fail(std::move(behind.error()));
  auto explored = co_await hub_.explore(*queue);
  if (!explored) co_return fail(std::move(explored.error()));
  MessagePage page;
  while (true) {
    auto seen = co_await look(queue->number(), *behind, filter, kLookChunk);
    if (!seen) co_return fail(std::move(seen.error()));
    const bool at_end = seen->size() < kLookChunk;
    if (!seen->empty()) *behind = seen->back().message->sequence;
    auto with = co_await with_bodies(std::move(*seen), filter.body_has);
    if (!with) co_return fail(std::move(with.error()));
    for (const auto& one : *with) {
      if (page.messages.size() == filter.limit) co_return page;
      page.messages.push_back(shown(*queue, one));
      page.next_cursor = cursor_of(name, filter, one.message->sequence);
    }
    if (at_end) break;
  }
  page.next_cursor.clear();
  co_return page;
}

// ---- Moving and dropping ----

Task<Result<std::uint64_t>> EmbeddedQueueAdmin::redrive(std::string name, MessageFilter filter) {
  QueueState* queue = hub_.find(name);
  if (queue == nullptr) co_return no_queue(name);
  QueueState* target =
      is_dead_letter(name) ? hub_.find(name.substr(0, name.size() - kDeadLetterSuffix.size())) : nullptr;
  if (target == nullptr)
    co_return fail(ErrorCode::malformed, "queue_invalid", fmt::format("{} is no dead-letter queue.", name));
  std::uint64_t moved = 0;
  Sequence behind = 0;
  while (true) {
    auto seen = co_await look(queue->number(), behind, filter, kMoveChunk);
    if (!seen) co_return fail(std::move(seen.error()));
    if (seen->empty()) co_return moved;
    behind = seen->back().message->sequence;
    auto with = co_await with_bodies(std::move(*seen), filter.body_has);
    if (!with) co_return fail(std::move(with.error()));
    auto moving = std::make_shared<Move>();
    moving->from = queue->number();
    moving->to = target->number();
    for (auto& one : *with) moving->messages.push_back(std::move(one.message));
    auto done = co_await committer_.run(move(moving));
    if (!done) co_return fail(std::move(done.error()));
    moved += moving->moved;
  }
}

Task<Result<std::vector<std::string>>> EmbeddedQueueAdmin::delayed_keys(QueueNumber queue) {
  auto view = co_await reader_.view();
  if (!view) co_return fail(std::move(view.error()));
  std::vector<std::string> keys;
  auto found = co_await each_delayed(
      reader_, *view, queue, [&](std::string_view key, base::Instant, Message) { keys.emplace_back(key); },
      [&] { keys.clear(); });
  if (!found) co_return fail(std::move(found.error()));
  co_return keys;
}

Task<Result<std::uint64_t>> EmbeddedQueueAdmin::purge(std::string name) {
  QueueState* queue = hub_.find(name);
  if (queue == nullptr) co_return no_queue(name);
  auto delayed = co_await delayed_keys(queue->number());
  if (!delayed) co_return fail(std::move(delayed.error()));
  auto status = co_await hub_.status(*queue);
  if (!status) co_return fail(std::move(status.error()));
  const std::uint64_t dropped = queue->census().messages() + delayed->size();
  auto done = co_await committer_.run(engine::purge(queue->stored(), std::move(*delayed)));
  if (!done) co_return fail(std::move(done.error()));
  hub_.purged(*queue);
  co_return dropped;
}

}  // namespace ow::engine
