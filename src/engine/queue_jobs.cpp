// See queue_jobs.h.
#include "engine/queue_jobs.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/bounds.h"
#include "engine/apply.h"

namespace ow::engine {

using base::fail;
using base::Result;

namespace {

std::string key_of(QueueNumber queue, const Message& message) {
  return layout::message_key(queue, message.group, message.sequence);
}

/// Calls `act` with the entry of each message that is still in the queue.
template <typename Act>
Result<void> for_each_alive(Batch& batch, QueueNumber queue, const std::vector<MessagePtr>& messages, Act act) {
  std::vector<std::string> keys;
  keys.reserve(messages.size());
  for (const auto& message : messages) keys.push_back(key_of(queue, *message));
  const auto entries = batch.resolve(std::move(keys));
  if (!entries) return fail(entries.error());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (Batch::alive(*(*entries)[i])) act(*(*entries)[i], i);
  }
  return {};
}

Result<void> write_receive(Batch& batch, HandOut& receive) {
  receive.alive.assign(receive.messages.size(), false);
  std::vector<ReceivedMessage> received;
  auto found = for_each_alive(batch, receive.queue, receive.messages, [&](Cache::Entry&, std::size_t i) {
    const Message& message = *receive.messages[i];
    receive.alive[i] = true;
    received.push_back({message.group, message.sequence, message.received + 1, receive.at});
  });
  if (!received.empty()) batch.put(layout::received_key(receive.queue, receive.slot), encode(received));
  return found;
}

Result<void> fold_one(Batch& batch, QueueNumber queue, const ReceivedMessage& received) {
  std::string key = layout::message_key(queue, received.group, received.sequence);
  const auto entry = batch.resolve(key);
  if (!entry) return fail(entry.error());
  if (!Batch::alive(**entry)) return {};
  const auto value = batch.key_value().get({key});
  if (!value) return fail(value.error());
  if (!value->front()) return {};
  auto message = decode_message(received.sequence, received.group, *value->front());
  if (!message) return fail(damaged(key));
  if (message->received >= received.received) return {};
  message->received = received.received;
  if (message->died.us == 0) {
    if (message->first_received.us == 0) message->first_received = received.at;
    message->last_received = received.at;
    ++message->crashes;
    message->failure = "The process ended while the message was in flight.";
  }
  batch.rewrite(**entry, *message);
  return {};
}

Message dead(Message message, base::Instant now, base::Duration kept) {
  message.died = now;
  message.died_received = std::exchange(message.received, 0);
  message.not_before = {};
  message.crashes = 0;
  message.expires = now + kept;
  if (message.failure.empty())
    message.failure = fmt::format("Received {} times without an ack.", message.died_received);
  return message;
}

Result<void> bury_alive(Batch& batch, QueueNumber from, QueueNumber to, const std::vector<MessagePtr>& messages) {
  return for_each_alive(batch, from, messages, [&](Cache::Entry& entry, std::size_t i) {
    const Message& message = *messages[i];
    batch.consume(entry, from, message.sequence, message.sent);
    batch.free_id(from, message.id.text);
    if (batch.claim_id(to, message.id.text))
      batch.send(to, dead(message, batch.now(), batch.state().dead_letters_kept));
  });
}

struct Due {
  std::string key;
  std::string value;
};

Result<std::vector<Due>> read_due(Batch& batch, base::Instant from, base::Instant to) {
  std::vector<Due> due;
  const auto scanned =
      batch.key_value().view()->scan({layout::due_key(from), layout::due_key(to)}, platform::ScanOrder::ascending,
                                     [&](std::string_view key, std::string_view value) {
                                       due.push_back({std::string(key), std::string(value)});
                                       return due.size() < kDueAtOnce;
                                     });
  if (!scanned) return fail(scanned.error());
  return due;
}

Result<void> fire_timer(Batch& batch, const layout::DueKeyParts& parts) {
  const std::string name(parts.name);
  std::string key = layout::timer_key(name);
  const auto entry = batch.resolve(key);
  if (!entry) return fail(entry.error());
  const auto* due = std::get_if<std::uint64_t>(&(*entry)->current());
  // An earlier commit of this batch may have cancelled the timer or put it off.
  if (due == nullptr || static_cast<std::int64_t>(*due) != parts.due.us) return {};
  const auto value = batch.key_value().get({key});
  if (!value) return fail(value.error());
  auto timer = value->front() ? decode_timer(*value->front()) : std::nullopt;
  if (!timer) return fail(damaged(key));
  batch.erase_timer(**entry, name);
  const auto* queue = batch.state().queue(timer->queue);
  if (queue == nullptr || !batch.claim_id(queue->number, timer->message.id.text)) return {};
  timer->message.sent = batch.now();
  batch.send(queue->number, std::move(timer->message));
  return {};
}

Result<void> fire_message(Batch& batch, const layout::DueKeyParts& parts, const Due& due) {
  const auto entry = batch.resolve(due.key);
  if (!entry) return fail(entry.error());
  // An earlier commit of this batch may have taken it out.
  if (!std::holds_alternative<Present>((*entry)->current())) return {};
  auto delayed = decode_timer(due.value);
  if (!delayed) return fail(damaged(due.key));
  const bool retry = delayed->message.received != 0;
  batch.consume_delayed(**entry, parts.queue, parts.sequence, parts.due,
                        retry ? delayed->message.sent : base::Instant{});
  batch.send(parts.queue, std::move(delayed->message));
  return {};
}

Result<void> fire(Batch& batch, bool& more) {
  // Exclusive end: what is due at this very microsecond may fire.
  const base::Instant end = batch.now() + base::Duration(1);
  const auto due = read_due(batch, batch.state().due_mark, end);
  if (!due) return fail(due.error());
  for (const auto& one : *due) {
    const auto parts = layout::due_key_parts(one.key);
    auto fired = parts.timer ? fire_timer(batch, parts) : fire_message(batch, parts, one);
    if (!fired) return fired;
  }
  more = due->size() == kDueAtOnce;
  batch.raise_due_mark(more ? layout::due_key_parts(due->back().key).due : end);
  return {};
}

Result<void> write_queue(Batch& batch, StoredQueue& queue) {
  const auto entry = batch.resolve(layout::queue_key(queue.spec.name));
  if (!entry) return fail(entry.error());
  const bool stored = std::holds_alternative<Present>((*entry)->current());
  if (queue.number == 0 && stored)
    return fail(base::ErrorCode::conflict, "queue_declared", "Somebody else declared it.");
  if (queue.number == 0) queue.number = batch.take_queue_number();
  batch.put(layout::queue_key(queue.spec.name), encode(queue));
  Batch::remember(**entry, Present{});
  batch.when_durable([name = queue.spec.name, known = KnownQueue{queue.number, queue.spec.kind}](CommitState& state) {
    state.queues[name] = known;
  });
  return {};
}

Result<void> write_with(Batch& batch, StoreWith& step) {
  // Resolved first: behind the commit nothing may fail any more.
  const auto known = batch.resolve(layout::queue_key(step.queue->spec.name));
  if (!known) return fail(known.error());
  const auto entries = batch.resolve(deciding_keys(step.with, batch.state()));
  if (!entries) return fail(entries.error());
  auto outcome = apply(batch, step.with, *entries);
  if (!outcome) return fail(std::move(outcome.error()));
  step.outcome = std::move(*outcome);
  if (!step.outcome.committed()) return {};
  return write_queue(batch, *step.queue);
}

}  // namespace

BatchJob hand_out(std::shared_ptr<HandOut> receive) {
  return [receive = std::move(receive)](Batch& batch) { return write_receive(batch, *receive); };
}

BatchJob fold(QueueNumber queue, std::vector<MessagePtr> messages) {
  return [queue, messages = std::move(messages)](Batch& batch) {
    return for_each_alive(batch, queue, messages,
                          [&](Cache::Entry& entry, std::size_t i) { batch.rewrite(entry, *messages[i]); });
  };
}

BatchJob fold_recovered(QueueNumber queue, std::vector<ReceivedMessage> received) {
  return [queue, received = std::move(received)](Batch& batch) -> Result<void> {
    for (const auto& one : received) {
      if (auto folded = fold_one(batch, queue, one); !folded) return folded;
    }
    return {};
  };
}

BatchJob bury(QueueNumber from, QueueNumber to, std::vector<MessagePtr> messages) {
  return [from, to, messages = std::move(messages)](Batch& batch) { return bury_alive(batch, from, to, messages); };
}

BatchJob delay(QueueNumber queue, MessagePtr message, base::Instant due) {
  return [queue, message = std::move(message), due](Batch& batch) {
    return for_each_alive(batch, queue, {message}, [&](Cache::Entry& entry, std::size_t) {
      batch.consume(entry, queue, message->sequence, message->sent);
      batch.delay(queue, *message, due);
    });
  };
}

BatchJob fire_due(std::shared_ptr<bool> more) {
  return [more = std::move(more)](Batch& batch) { return fire(batch, *more); };
}

BatchJob drop_expired(QueueNumber queue, std::vector<MessagePtr> messages, platform::CounterMetric& pruned) {
  return [queue, messages = std::move(messages), &pruned](Batch& batch) {
    return for_each_alive(batch, queue, messages, [&](Cache::Entry& entry, std::size_t i) {
      pruned.add();
      batch.consume(entry, queue, messages[i]->sequence, messages[i]->sent);
      batch.free_id(queue, messages[i]->id.text);
    });
  };
}

BatchJob store_queue(std::shared_ptr<StoredQueue> queue) {
  return [queue = std::move(queue)](Batch& batch) { return write_queue(batch, *queue); };
}

BatchJob store_queue(std::shared_ptr<StoreWith> step) {
  return [step = std::move(step)](Batch& batch) { return write_with(batch, *step); };
}

}  // namespace ow::engine
