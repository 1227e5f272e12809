// See queue_hub.h; time is in queue_time.cpp.
#include "engine/queue_hub.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/bounds.h"
#include "engine/embedded_event_log.h"
#include "engine/queue_loader.h"
#include "engine/receipt.h"

namespace ow::engine {

using base::Duration;
using base::ErrorCode;
using base::fail;
using base::Result;
using base::Task;
using platform::Delivery;
namespace bounds = base::bounds;

namespace {

constexpr std::size_t kErrorBytesMax = 1024;  // kept of what a consumer says
constexpr std::size_t kGroupLoadMax = 256;
constexpr std::size_t kPageMessagesMax = bounds::kReadyInMemoryMax / 4;
constexpr Duration kExplorePause = std::chrono::milliseconds(1);

}  // namespace

QueueHub::QueueHub(Ports ports, std::vector<RecoveredQueue> queues)
    : ports_(ports),
      serial_(ports.first_serial),
      pruned_(ports.telemetry.counter("ow_pruned_total", {{"kind", "message"}})) {
  for (auto& queue : queues) hold(std::move(queue));
}

// ---- Which queues there are ----

void QueueHub::hold(RecoveredQueue recovered) {
  const QueueNumber number = recovered.queue.number;
  const std::string name = recovered.queue.spec.name;
  const auto depth = [&](const char* state) -> platform::GaugeMetric& {
    return ports_.telemetry.gauge("ow_queue_depth", {{"queue", name}, {"state", state}});
  };
  Held::Gauges gauges{depth("ready"), depth("in_flight"), depth("delayed"),
                      ports_.telemetry.gauge("ow_queue_oldest_age_seconds", {{"queue", name}}),
                      is_dead_letter(name) ? nullptr : &ports_.telemetry.gauge("ow_queue_dead", {{"queue", name}})};
  if (held_.size() <= number) held_.resize(number + std::size_t{1});
  numbers_[name] = number;
  held_[number].reset(new Held{.state = QueueState(std::move(recovered.queue), bounds::kReadyInMemoryMax),
                               .recovered = std::move(recovered.received),
                               .gauges = gauges});
}

QueueHub::Held* QueueHub::held(const std::string& name) {
  const auto found = numbers_.find(name);
  return found == numbers_.end() ? nullptr : held(found->second);
}

QueueHub::Held* QueueHub::held(QueueNumber number) { return number < held_.size() ? held_[number].get() : nullptr; }

QueueState* QueueHub::find(const std::string& name) {
  Held* found = held(name);
  return found != nullptr ? &found->state : nullptr;
}

std::vector<QueueState*> QueueHub::all() {
  std::vector<QueueState*> queues;
  queues.reserve(numbers_.size());
  for (const auto& [name, number] : numbers_) queues.push_back(&held_[number]->state);
  return queues;
}

void QueueHub::adopt(StoredQueue queue) {
  if (Held* known = held(queue.number)) return known->state.adopt(queue.spec);
  hold({std::move(queue), {}, 0});
}

void QueueHub::pause(QueueState& queue, bool paused) {
  queue.pause(paused);
  if (!paused) wake(*held(queue.number()));
}

// ---- Effects ----

void QueueHub::apply(const QueueEffect& effect, std::uint64_t epoch) {
  Held& queue = *held(effect.queue);
  Census& census = queue.state.census();
  switch (effect.kind) {
    case QueueEffect::Kind::sent:
      census.changed(epoch, effect.message->sent, 1);
      if (const auto& expires = effect.message->expires)
        queue.next_expiry = std::min(queue.next_expiry.value_or(*expires), *expires);
      queue.state.sent(effect.message);
      break;
    case QueueEffect::Kind::gone:
      census.changed(epoch, effect.sent_at, -1);
      queue.state.gone(effect.sequence);
      flight_ended(queue, effect.sequence);
      break;
    case QueueEffect::Kind::delayed:
      census.delayed(epoch, effect.sent_at, 1);
      break;
    case QueueEffect::Kind::undelayed:
      census.delayed(epoch, effect.sent_at, -1);
      break;
  }
}

/// What was sent is taken in before what is gone: the group of a message that was consumed by the commit which sends
/// its next one stays in memory so, and goes on.
void QueueHub::apply(const Published& published) {
  std::vector<Held*> touched;
  for (const bool sent : {true, false}) {
    for (const auto& effect : published.effects) {
      if ((effect.kind == QueueEffect::Kind::sent) != sent || held(effect.queue) == nullptr) continue;
      apply(effect, published.epoch);
      Held* queue = held(effect.queue);
      if (std::ranges::find(touched, queue) == touched.end()) touched.push_back(queue);
    }
  }
  for (const auto& [due, change] : published.due_changes) due_.changed(published.epoch, due, change);
  if (published.soonest_due) {
    const Duration due = ticks_at(*published.soonest_due);
    if (!next_due_ || due < *next_due_) next_due_ = due;
    alarm_at(due);
  }
  for (Held* queue : touched) wake(*queue);
}

// ---- Receiving ----

Task<Result<QueueHub::Deliveries>> QueueHub::receive(platform::ReceiveRequest request) {
  Held* queue = held(request.queue);
  if (queue == nullptr) {
    co_return fail(ErrorCode::not_found, "queue_not_found", fmt::format("There is no queue {}.", request.queue));
  }
  const Duration deadline = ports_.clock.ticks() + request.wait;
  const std::size_t batch_max = std::clamp<std::size_t>(request.batch_max, 1, bounds::kReceiveBatchMax);
  while (true) {
    if (!queue->state.paused()) {
      auto prepared = co_await prepare(*queue);
      if (!prepared) co_return fail(std::move(prepared.error()));
      auto deliveries = co_await hand_out_some(*queue, batch_max);
      if (!deliveries || !deliveries->empty()) co_return deliveries;
      if (can_go_on(*queue)) continue;
    }
    if (ports_.executor.stopping() || ports_.clock.ticks() >= deadline) co_return Deliveries();
    co_await wait(*queue, deadline);
  }
}

bool QueueHub::can_go_on(Held& queue) {
  if (queue.state.paused()) return false;
  if (!queue.loading && (queue.state.wants_load() || queue.state.wants_page())) return true;
  return may_take(queue);
}

/// Whether the next message may be handed out now, seen from the quarantine.
bool QueueHub::may_take(Held& queue) {
  const Message* next = queue.state.next();
  if (next == nullptr) return false;
  if (quarantine_.lets(is_suspect(queue, *next), in_flight(), ports_.clock.ticks())) return true;
  alarm_at(quarantine_.until());
  return false;
}

/// One that is at its limit is not handed out any more.
bool QueueHub::is_suspect(const Held& queue, const Message& message) const {
  return Quarantine::suspects(message, queue.state.spec().receive_limit) && !exhausted(queue, message.received);
}

std::size_t QueueHub::in_flight() const {
  std::size_t count = 0;
  for (const auto& queue : held_) count += queue ? queue->state.flights().size() : 0;
  return count;
}

void QueueHub::flight_ended(Held& queue, Sequence sequence) {
  if (!quarantine_.ended(queue.state.number(), sequence, in_flight())) return;
  for (const auto& other : held_) {
    if (other) wake(*other);
  }
}

Task<Result<void>> QueueHub::explore(QueueState& state) {
  Held& queue = *held(state.number());
  while (state.wants_page()) {
    // Somebody else's load is waited for, or what is told would lack what it brings.
    if (queue.loading) {
      if (!co_await ports_.executor.sleep_until(ports_.clock.ticks() + kExplorePause)) break;
      continue;
    }
    auto prepared = co_await prepare(queue);
    if (!prepared) co_return prepared;
  }
  co_return Result<void>();
}

/// Gets messages into memory. One at a time a queue; others who receive wait to be woken.
Task<Result<void>> QueueHub::prepare(Held& queue) {
  const bool wanted = queue.state.wants_page() || queue.state.wants_load() || !queue.recovered.empty();
  if (queue.loading || !wanted) co_return Result<void>();
  queue.loading = true;
  auto loaded = co_await load(queue);
  queue.loading = false;
  wake(queue);
  co_return loaded;
}

Task<Result<void>> QueueHub::load(Held& queue) {
  if (!queue.recovered.empty()) {
    auto folded = co_await ports_.committer.run(fold_recovered(queue.state.number(), queue.recovered), false);
    if (!folded && folded.error().code != ErrorCode::storage_full) co_return folded;
    queue.recovered.clear();
  }
  if (queue.state.wants_load()) {
    auto loaded = co_await load_next_group(queue);
    if (!loaded) co_return loaded;
  }
  if (queue.state.wants_page()) co_return co_await load_next_page(queue);
  co_return Result<void>();
}

Task<Result<void>> QueueHub::load_next_group(Held& queue) {
  const auto wanted = queue.state.next_load();
  if (!wanted) co_return Result<void>();
  auto found = co_await load_group(ports_.reader, queue.state.number(), *wanted, kGroupLoadMax);
  const bool failed = !found;
  // After a failure the group is as hungry as before.
  queue.state.loaded(*wanted, failed ? FoundGroup{wanted->group, {}, true, {}} : std::move(*found));
  if (failed) co_return fail(std::move(found.error()));
  co_return Result<void>();
}

Task<Result<void>> QueueHub::load_next_page(Held& queue) {
  auto page = co_await find_groups(ports_.reader, queue.state.number(), queue.state.begin_page(), kPageMessagesMax);
  if (!page) co_return fail(std::move(page.error()));
  for (auto& group : page->groups) {
    const base::Instant not_before = group.messages.front()->not_before;
    if (queue.state.ordered() && not_before > ports_.clock.now()) group.blocked_until = ticks_at(not_before);
  }
  queue.state.found(std::move(*page));
  set_next_alarm();
  co_return Result<void>();
}

struct QueueHub::Taken {
  std::shared_ptr<HandOut> receive;
  Messages exhausted;
  Messages expired;
};

/// Puts the next messages in flight.
QueueHub::Taken QueueHub::take(Held& queue, std::size_t batch_max) {
  Taken taken{std::make_shared<HandOut>(), {}, {}};
  if (!may_take(queue)) return taken;
  taken.receive->queue = queue.state.number();
  taken.receive->slot = queue.state.take_slot();
  taken.receive->at = ports_.clock.now();
  const Duration visible_at = ports_.clock.ticks() + queue.state.spec().visibility;
  bool alone = false;
  while (!alone && taken.receive->messages.size() < batch_max) {
    const Message* next = queue.state.next();
    if (next == nullptr) break;
    alone = is_suspect(queue, *next);
    if (alone && !taken.receive->messages.empty()) break;
    if (alone) quarantine_.begin(queue.state.number(), next->sequence, ports_.clock.ticks());
    const auto message = queue.state.take(visible_at, serial_++, taken.receive->slot, taken.receive->at);
    const bool expired = (*message)->expires && *(*message)->expires <= ports_.clock.now();
    Messages& kind = expired                                  ? taken.expired
                     : exhausted(queue, (*message)->received) ? taken.exhausted
                                                              : taken.receive->messages;
    kind.push_back(*message);
  }
  alarm_at(visible_at);
  return taken;
}

Task<Result<QueueHub::Deliveries>> QueueHub::hand_out_some(Held& queue, std::size_t batch_max) {
  Taken taken = take(queue, batch_max);
  if (!taken.exhausted.empty()) co_await dead_letter(queue, std::move(taken.exhausted));
  if (!taken.expired.empty()) co_await drop_expired(queue, std::move(taken.expired));
  if (taken.receive->messages.empty()) co_return Deliveries();
  // A full disk costs the receive counts, not the draining.
  const auto counted = co_await ports_.committer.run(hand_out(taken.receive), false);
  if (!counted && counted.error().code != ErrorCode::storage_full) {
    for (const auto& message : taken.receive->messages) {
      if (queue.state.in_flight(message->sequence) != nullptr) queue.state.give_back(message);
    }
    co_return fail(counted.error());
  }
  co_return co_await deliver(queue, taken.receive);
}

Task<Result<QueueHub::Deliveries>> QueueHub::deliver(Held& queue, std::shared_ptr<HandOut> receive) {
  Deliveries deliveries;
  deliveries.reserve(receive->messages.size());
  for (std::size_t i = 0; i < receive->messages.size(); ++i) {
    if (!receive->alive[i]) {
      queue.state.forget(receive->messages[i]->sequence);
      flight_ended(queue, receive->messages[i]->sequence);
      continue;
    }
    auto delivery = co_await delivery_of(queue, receive->messages[i]);
    if (!delivery) co_return fail(std::move(delivery.error()));
    if (!delivery->receipt.empty()) deliveries.push_back(std::move(*delivery));
  }
  co_return deliveries;
}

/// Without a receipt when the message is no longer in flight.
Task<Result<Delivery>> QueueHub::delivery_of(Held& queue, MessagePtr message) {
  Delivery delivery;
  delivery.body = message->body;
  if (message->event_sequence != 0 && message->body.empty()) {
    auto body = co_await event_body(ports_.reader, ports_.epoch, {message->event_sequence, message->event_index});
    if (!body) co_return fail(std::move(body.error()));
    delivery.body = std::move(*body).value_or(std::string());
  }
  const InFlight* flight = queue.state.in_flight(message->sequence);
  if (flight == nullptr) co_return delivery;
  delivery.queue = queue.state.spec().name;
  delivery.id = message->id;
  delivery.group = message->group;
  delivery.traceparent = message->traceparent;
  delivery.sent = message->sent;
  delivery.receive_count = static_cast<int>(flight->received);
  delivery.error = message->failure;
  delivery.receipt = to_text({message->sequence, flight->serial, message->sent, {}, message->group});
  co_return delivery;
}

bool QueueHub::exhausted(const Held& queue, std::uint32_t received) const {
  const auto& spec = queue.state.spec();
  return !is_dead_letter(spec.name) && received >= static_cast<std::uint32_t>(std::max(spec.receive_limit, 1));
}

/// Leaves the messages in flight when it fails, so that it is tried again after the visibility timeout.
Task<Result<void>> QueueHub::dead_letter(Held& queue, Messages messages) {
  const auto& spec = queue.state.spec();
  const Held* target = held(spec.name + std::string(kDeadLetterSuffix));
  OW_ASSERT(target != nullptr, "a queue is declared with its dead-letter queue");
  co_return co_await ports_.committer.run(bury(queue.state.number(), target->state.number(), std::move(messages)));
}

/// Those that a compaction dropped before are no longer in the store and have no effect there.
Task<Result<void>> QueueHub::drop_expired(Held& queue, Messages messages) {
  auto dropped = co_await ports_.committer.run(engine::drop_expired(queue.state.number(), messages, pruned_));
  if (!dropped) co_return dropped;
  for (const auto& message : messages) queue.state.forget(message->sequence);
  co_return dropped;
}

// ---- Extend and release ----

const InFlight* QueueHub::current(Held& queue, const Delivery& delivery) {
  const auto receipt = parse_receipt(delivery.receipt);
  if (!receipt) return nullptr;
  const InFlight* flight = queue.state.in_flight(receipt->sequence);
  return flight != nullptr && flight->serial == receipt->serial ? flight : nullptr;
}

MessagePtr QueueHub::folded(const InFlight& flight, const std::string& error) {
  Message message = *flight.message;
  message.received = flight.received;
  if (message.died.us == 0) {  // the history of a dead letter is that of its life
    if (message.first_received.us == 0) message.first_received = flight.at;
    message.last_received = flight.at;
    if (!error.empty()) message.failure = error.substr(0, kErrorBytesMax);
  }
  return std::make_shared<const Message>(std::move(message));
}

namespace {
tl::unexpected<base::Error> not_current(const Delivery& delivery) {
  return fail(ErrorCode::conflict, "receipt_not_current",
              fmt::format("The message {} of the queue {} is no longer in flight under this receipt.", delivery.id.text,
                          delivery.queue));
}
}  // namespace

Task<Result<void>> QueueHub::extend(Delivery delivery, Duration visibility) {
  Held* queue = held(delivery.queue);
  if (queue == nullptr || current(*queue, delivery) == nullptr) co_return not_current(delivery);
  const Duration visible_at = ports_.clock.ticks() + visibility;
  queue->state.extend(parse_receipt(delivery.receipt)->sequence, visible_at);
  alarm_at(visible_at);
  co_return Result<void>();
}

Task<Result<void>> QueueHub::release(Delivery delivery, Duration delay_by) {
  Held* queue = held(delivery.queue);
  const InFlight* flight = queue != nullptr ? current(*queue, delivery) : nullptr;
  if (flight == nullptr) co_return not_current(delivery);
  MessagePtr message = folded(*flight, delivery.error);
  const QueueNumber number = queue->state.number();
  if (exhausted(*queue, message->received)) co_return co_await dead_letter(*queue, {std::move(message)});
  const base::Instant due = ports_.clock.now() + delay_by;
  if (delay_by.count() > 0 && !queue->state.ordered()) {
    co_return co_await ports_.committer.run(delay(number, std::move(message), due), false);
  }
  Duration blocked_until{};
  if (delay_by.count() > 0) {
    Message blocked = *message;
    blocked.not_before = due;
    message = std::make_shared<const Message>(std::move(blocked));
    blocked_until = ports_.clock.ticks() + delay_by;
  }
  queue->state.give_back(message, blocked_until);
  flight_ended(*queue, message->sequence);
  if (blocked_until.count() != 0) alarm_at(blocked_until);
  wake(*queue);
  co_return co_await ports_.committer.run(fold(number, {std::move(message)}), false);
}

// ---- Waiting ----

Task<void> QueueHub::wait(Held& queue, Duration deadline) {
  struct Guard {
    std::shared_ptr<Waiter> waiter = std::make_shared<Waiter>();
    ~Guard() { waiter->gone = true; }
  };
  const Guard guard;
  guard.waiter->deadline = deadline;
  queue.waiters.push_back(guard.waiter);
  alarm_at(deadline);
  co_await guard.waiter->done;
}

/// Wakes those who wait when there is something to take or to look for.
void QueueHub::wake(Held& queue) {
  // Asking the quarantine is asking for a turn, so nobody asks for a queue that nobody waits for.
  if (queue.waiters.empty() || !can_go_on(queue)) return;
  for (auto& waiter : std::exchange(queue.waiters, {})) {
    if (!waiter->gone) waiter->done.complete(true);
  }
}

}  // namespace ow::engine
