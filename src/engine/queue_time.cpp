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
/// Expired dead letters are looked for this often when nobody asks.
constexpr Duration kSweepPeriod = 10min;
constexpr std::size_t kSweptAtOnce = 16'384;  // without their bodies
constexpr std::size_t kDroppedAtOnce = 256;
constexpr auto kTimedOut = "Its visibility timeout ended before an ack.";

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

Task<void> QueueHub::sleep_then_tick(std::weak_ptr<QueueHub> hub, platform::Executor& executor, Duration due) {
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
    MessagePtr message = folded(*queue.state.in_flight(sequence), kTimedOut);
    if (exhausted(queue, message->received)) {
      queue.state.extend(sequence, now + queue.state.spec().visibility);  // out of sight until it has moved
      dead.push_back(std::move(message));
    } else {
      queue.state.give_back(message);
      flight_ended(queue, sequence);
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
    if (!due_.complete() && !due_.counting()) ports_.executor.spawn(in_background(shared_from_this(), count_due()));
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

/// One at a time a queue: who comes while it is counted waits for that count.
Task<Result<void>> QueueHub::count(Held& queue) {
  if (std::exchange(queue.counting, true)) {
    auto counted = std::make_shared<base::Completion<bool>>();
    queue.count_waiters.push_back(counted);
    co_await *counted;
    co_return Result<void>();
  }
  auto counted = co_await count_anew(queue);
  queue.counting = false;
  for (auto& waiter : std::exchange(queue.count_waiters, {})) waiter->complete(true);
  co_return counted;
}

/// Counts unless somebody did so since this was asked for: a new count would show nothing until its end.
Task<Result<void>> QueueHub::count_once(Held& queue) {
  if (queue.state.census().complete()) co_return Result<void>();
  co_return co_await count(queue);
}

Task<Result<void>> QueueHub::count_anew(Held& queue) {
  struct Count {
    SecondCounts messages;
    std::int64_t delayed = 0;
    SecondCounts retrying;
    std::optional<base::Instant> next_expiry;

    void add(const Message& message) {
      messages.add(message.sent, 1);
      if (message.expires) next_expiry = std::min(next_expiry.value_or(*message.expires), *message.expires);
    }
    void add_delayed(const Message& message) {
      ++delayed;
      if (message.received != 0) retrying.add(message.sent, 1);
    }
  };
  auto view = co_await ports_.reader.view();
  if (!view) co_return base::fail(std::move(view.error()));
  Census& census = queue.state.census();
  const std::uint64_t run = census.begin(view->epoch);
  auto counted = std::make_shared<Count>();
  const QueueNumber number = queue.state.number();
  auto messages = co_await each_message(
      ports_.reader, *view, number, [counted](const Message& message) { counted->add(message); },
      [counted] { *counted = {}; });
  if (!messages) {
    census.give_up(run);
    co_return messages;
  }
  auto delayed = co_await each_delayed(
      ports_.reader, *view, number,
      [counted](std::string_view, base::Instant, const Message& message) { counted->add_delayed(message); },
      [counted] {
        counted->delayed = 0;
        counted->retrying = {};
      });
  if (!delayed) {
    census.give_up(run);
    co_return delayed;
  }
  census.finish(run, counted->messages, counted->delayed, counted->retrying);
  if (const auto& first = counted->next_expiry)
    queue.next_expiry = std::min(queue.next_expiry.value_or(*first), *first);
  co_return Result<void>();
}

// ---- Expired dead letters ----

bool QueueHub::has_expired(const Held& queue) const {
  return queue.next_expiry && *queue.next_expiry <= ports_.clock.now();
}

/// Drops what expired and counts anew: a compaction of the store may have dropped some of it unseen.
Task<Result<void>> QueueHub::sweep(Held& queue) {
  queue.next_sweep = ports_.clock.ticks() + kSweepPeriod;
  bool more = true;
  while (more) {
    auto view = co_await ports_.reader.view();
    if (!view) co_return base::fail(std::move(view.error()));
    Messages expired;
    const base::Instant now = ports_.clock.now();
    auto scanned = co_await each_message(
        ports_.reader, *view, queue.state.number(),
        [&](Message message) {
          if (expired.size() == kSweptAtOnce || !message.expires || *message.expires > now) return;
          message.body.clear();
          expired.push_back(std::make_shared<const Message>(std::move(message)));
        },
        [&] { expired.clear(); });
    if (!scanned) co_return scanned;
    more = expired.size() == kSweptAtOnce;
    for (std::size_t i = 0; i < expired.size(); i += kDroppedAtOnce) {
      const auto end = std::min(i + kDroppedAtOnce, expired.size());
      Messages some(expired.begin() + static_cast<std::ptrdiff_t>(i),
                    expired.begin() + static_cast<std::ptrdiff_t>(end));
      auto dropped =
          co_await ports_.committer.run(engine::drop_expired(queue.state.number(), std::move(some), pruned_));
      if (!dropped) co_return dropped;
    }
  }
  queue.next_expiry.reset();
  co_return co_await count(queue);
}

QueueHub::Held* QueueHub::dead_letters_of(const Held& queue) {
  const auto& name = queue.state.spec().name;
  return is_dead_letter(name) ? nullptr : held(name + std::string(kDeadLetterSuffix));
}

platform::QueueStatus QueueHub::numbers(const QueueState& state, base::Instant now) {
  const Census& census = state.census();
  const std::uint64_t waiting = census.messages() - std::min(census.messages(), census.in_flight());
  const std::uint64_t behind = std::min(state.waiting_behind(), waiting);
  platform::QueueStatus status;
  status.spec = state.spec();
  status.paused = state.paused();
  status.in_flight = census.in_flight();
  status.ready = waiting - behind;
  status.delayed = census.delayed() + behind;
  if (const auto oldest = census.oldest()) status.oldest_age = std::max(now - *oldest, Duration{});
  return status;
}

Task<Result<platform::QueueStatus>> QueueHub::status(QueueState& state) {
  Held& queue = *held(state.number());
  for (Held* each : {&queue, dead_letters_of(queue)}) {
    if (each == nullptr) continue;
    auto counted = has_expired(*each) ? co_await sweep(*each) : co_await count_once(*each);
    if (!counted) co_return base::fail(std::move(counted.error()));
  }
  auto explored = co_await explore(state);
  if (!explored) co_return base::fail(std::move(explored.error()));
  auto status = numbers(state, ports_.clock.now());
  if (Held* dead = dead_letters_of(queue)) status.dead = dead->state.census().messages();
  co_return status;
}

void QueueHub::show_metrics() {
  const Duration now = ports_.clock.ticks();
  if (now < metrics_due_) return;
  metrics_due_ = now + kMetricsPeriod;
  for (const auto& queue : held_) {
    if (queue) show_metrics(*queue);
  }
}

void QueueHub::show_metrics(Held& queue) {
  const Census& census = queue.state.census();
  if (has_expired(queue) && queue.next_sweep <= ports_.clock.ticks()) {
    ports_.executor.spawn(in_background(shared_from_this(), sweep(queue)));
  } else if (!census.complete()) {
    if (!census.counting()) ports_.executor.spawn(in_background(shared_from_this(), count_once(queue)));
    return;
  }
  const auto status = numbers(queue.state, ports_.clock.now());
  queue.gauges.ready.set(static_cast<double>(status.ready));
  queue.gauges.in_flight.set(static_cast<double>(status.in_flight));
  queue.gauges.delayed.set(static_cast<double>(status.delayed));
  const auto age = std::chrono::duration<double>(status.oldest_age.value_or(Duration{}));
  queue.gauges.oldest_age.set(age.count());
  const Held* dead = dead_letters_of(queue);
  if (dead != nullptr) queue.gauges.dead->set(static_cast<double>(dead->state.census().messages()));
}

}  // namespace ow::engine
