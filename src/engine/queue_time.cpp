// What happens to queues with time; see queue_hub.h.
#include <algorithm>
#include <utility>

#include "engine/queue_hub.h"
#include "engine/queue_loader.h"

namespace ow::engine {

using base::Duration;
using base::Result;
using base::Task;

namespace {

using namespace std::chrono_literals;

/// How often the due range is looked at in a second in which something is due. What this process scheduled is
/// fired when it is due in any case.
constexpr Duration kDuePeriod = 500ms;
/// The longest sleep: the wall clock may have stepped, and metrics want to be fresh.
constexpr Duration kMetricsPeriod = 5s;

}  // namespace

Duration QueueHub::ticks_at(base::Instant wall) const {
  return ports_.clock.ticks() + std::max(wall - ports_.clock.now(), Duration{});
}

// ---- Alarms: one sleeper until the next deadline; an earlier one gets a sleeper of its own ----

void QueueHub::alarm_at(Duration due) {
  if (next_alarm_ && *next_alarm_ <= due) return;
  next_alarm_ = due;
  ports_.executor.spawn(sleep_then_tick(weak_from_this(), ports_.executor, due));
}

Task<void> QueueHub::sleep_then_tick(std::weak_ptr<QueueHub> hub, platform::Executor& executor,
                                     Duration due) {
  co_await executor.sleep_until(due);
  if (const auto alive = hub.lock()) alive->tick();
}

void QueueHub::tick() {
  const Duration now = ports_.clock.ticks();
  if (next_alarm_ && *next_alarm_ <= now) next_alarm_.reset();
  if (timers_run_ && next_due_ && *next_due_ <= now) {
    next_due_.reset();
    ports_.executor.spawn(in_background(shared_from_this(), fire_due()));
  }
  for (const auto& queue : held_) {
    if (queue) tick(*queue, now);
  }
  if (!ports_.executor.stopping()) set_next_alarm();
}

void QueueHub::tick(Held& queue, Duration now) {
  time_out(queue, now);
  queue.state.unblock(now);
  wake(queue);
  const bool stopping = ports_.executor.stopping();
  std::vector<std::shared_ptr<Waiter>> late;
  std::erase_if(queue.waiters, [&](const std::shared_ptr<Waiter>& waiter) {
    if (!stopping && waiter->deadline > now && !waiter->gone) return false;
    late.push_back(waiter);
    return true;
  });
  for (const auto& waiter : late) {
    if (!waiter->gone) waiter->done.complete(true);
  }
}

void QueueHub::time_out(Held& queue, Duration now) {
  Messages again;
  Messages dead;
  for (const Sequence sequence : queue.state.timed_out(now)) {
    MessagePtr message = folded(*queue.state.in_flight(sequence));
    if (exhausted(queue, message->received)) {
      queue.state.extend(sequence, now + queue.state.spec().visibility);  // out of sight until it has moved
      dead.push_back(std::move(message));
    } else {
      queue.state.give_back(message);
      again.push_back(std::move(message));
    }
  }
  const auto self = shared_from_this();
  if (!dead.empty()) ports_.executor.spawn(in_background(self, dead_letter(queue, std::move(dead))));
  if (again.empty()) return;
  auto job = fold(queue.state.number(), std::move(again));
  ports_.executor.spawn(in_background(self, ports_.committer.run(std::move(job), false)));
}

void QueueHub::set_next_alarm() {
  for (const auto& queue : held_) {
    if (!queue) continue;
    if (const auto deadline = queue->state.next_deadline()) alarm_at(*deadline);
    for (const auto& waiter : queue->waiters) {
      if (!waiter->gone) alarm_at(waiter->deadline);
    }
  }
  if (next_due_) alarm_at(*next_due_);
}

/// Nobody waits for the outcome: what failed is tried again with time, and the store's failures are logged
/// where they happen.
Task<void> QueueHub::in_background(std::shared_ptr<QueueHub> self, Task<Result<void>> work) {
  co_await work;
  static_cast<void>(self);
}

// ---- Due timers and delayed messages ----

Task<Result<void>> QueueHub::fire_due() {
  if (std::exchange(firing_, true)) co_return Result<void>();
  Result<void> fired;
  auto more = std::make_shared<bool>(true);
  while (fired && *more) {
    *more = false;
    fired = co_await ports_.committer.run(engine::fire_due(more));
  }
  firing_ = false;
  co_return fired;
}

Task<void> QueueHub::run_timers() {
  timers_run_ = true;
  while (!ports_.executor.stopping()) {
    if (!due_.complete() && !due_.counting())
      ports_.executor.spawn(in_background(shared_from_this(), count_due()));
    if (next_look() <= ports_.clock.ticks()) co_await fire_due();
    show_metrics();
    const Duration now = ports_.clock.ticks();
    const Duration wake_at = std::clamp(next_look(), now + kDuePeriod, now + kMetricsPeriod);
    if (!co_await ports_.executor.sleep_until(wake_at)) break;
  }
  timers_run_ = false;
  tick();  // ends every wait
}

/// When something may be due: known by counting, so that no scan walks over what was fired or cancelled.
Duration QueueHub::next_look() const {
  if (!due_.complete()) return ports_.clock.ticks();
  const auto first = due_.oldest();
  return first ? ticks_at(*first) : Duration::max();
}

Task<Result<void>> QueueHub::count_due() {
  auto view = co_await ports_.reader.view();
  if (!view) co_return base::fail(std::move(view.error()));
  const std::uint64_t run = due_.begin(view->epoch);
  auto counted = std::make_shared<SecondCounts>();
  ScanRequest request;
  request.range = layout::starting_with(std::string(1, layout::kDue));
  request.visit = [counted](std::string_view key, std::string_view) {
    counted->add(layout::due_key_parts(key).due, 1);
    return true;
  };
  request.restart = [counted] { *counted = {}; };
  auto scanned = co_await ports_.reader.scan(std::move(*view), std::move(request));
  if (!scanned) {
    due_.give_up(run);
    co_return scanned;
  }
  due_.finish(run, *counted, 0);
  co_return Result<void>();
}

// ---- Numbers ----

Task<Result<void>> QueueHub::count(Held& queue) {
  struct Count {
    SecondCounts messages;
    std::int64_t delayed = 0;
  };
  auto view = co_await ports_.reader.view();
  if (!view) co_return base::fail(std::move(view.error()));
  Census& census = queue.state.census();
  const std::uint64_t run = census.begin(view->epoch);
  auto counted = std::make_shared<Count>();
  const QueueNumber number = queue.state.number();
  auto messages = co_await each_message(
      ports_.reader, *view, number, [counted](Message message) { counted->messages.add(message.sent, 1); },
      [counted] { counted->messages = {}; });
  if (!messages) {
    census.give_up(run);
    co_return messages;
  }
  auto delayed = co_await each_delayed(
      ports_.reader, *view, number,
      [counted](std::string_view, base::Instant, Message) { ++counted->delayed; },
      [counted] { counted->delayed = 0; });
  if (!delayed) {
    census.give_up(run);
    co_return delayed;
  }
  census.finish(run, counted->messages, counted->delayed);
  co_return Result<void>();
}

Task<Result<platform::QueueStatus>> QueueHub::status(QueueState& state) {
  Held& queue = *held(state.number());
  if (!state.census().complete()) {
    auto counted = co_await count(queue);
    if (!counted) co_return base::fail(std::move(counted.error()));
  }
  auto explored = co_await explore(state);
  if (!explored) co_return base::fail(std::move(explored.error()));
  const Census& census = state.census();
  const std::uint64_t waiting = census.messages() - std::min(census.messages(), census.in_flight());
  const std::uint64_t behind = std::min(state.waiting_behind(), waiting);
  platform::QueueStatus status;
  status.spec = state.spec();
  status.paused = state.paused();
  status.in_flight = census.in_flight();
  status.ready = waiting - behind;
  status.delayed = census.delayed() + behind;
  if (const auto oldest = census.oldest())
    status.oldest_age = std::max(ports_.clock.now() - *oldest, Duration{});
  co_return status;
}

void QueueHub::show_metrics() {
  const Duration now = ports_.clock.ticks();
  if (now < metrics_due_) return;
  metrics_due_ = now + kMetricsPeriod;
  for (const auto& queue : held_) {
    if (!queue) continue;
    Census& census = queue->state.census();
    if (!census.complete()) {
      if (!census.counting()) ports_.executor.spawn(in_background(shared_from_this(), count(*queue)));
      continue;
    }
    const std::uint64_t waiting = census.messages() - std::min(census.messages(), census.in_flight());
    const std::uint64_t behind = std::min(queue->state.waiting_behind(), waiting);
    queue->gauges.ready.set(static_cast<double>(waiting - behind));
    queue->gauges.in_flight.set(static_cast<double>(census.in_flight()));
    queue->gauges.delayed.set(static_cast<double>(census.delayed() + behind));
    const auto oldest = census.oldest();
    const auto age = oldest ? std::max(ports_.clock.now() - *oldest, Duration{}) : Duration{};
    queue->gauges.oldest_age.set(std::chrono::duration<double>(age).count());
  }
}

}  // namespace ow::engine
