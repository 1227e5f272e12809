// See consumer.h.
#include "platform/consumer.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/bounds.h"
#include "platform/joint_store.h"
#include "platform/lull.h"

namespace ow::platform {
namespace {

namespace bounds = base::bounds;
using base::ErrorCode;
using base::Result;
using base::Task;

constexpr std::size_t kErrorBytesMax = 1024;  // kept with a message of why its handler failed

constexpr std::uint64_t kJitterPercent = 20;

using Decide = std::function<Task<Result<Commit>>()>;
/// The message whose consumption settles the step, whoever consumed it; nothing for a step of its own.
using Consumed = std::optional<Key>;

/// What the outcome means for the caller; nothing when the step is to be decided anew.
std::optional<Result<void>> verdict(const CommitOutcome& outcome, const Consumed& consumed) {
  switch (outcome.kind) {
    case CommitOutcome::Kind::committed:
      return Result<void>();
    case CommitOutcome::Kind::conflict:
      // A handler may ack further messages; that one of those is gone is for it to see.
      if (outcome.conflict.part != Conflict::Part::ack || outcome.conflict.key != consumed) return std::nullopt;
      return Result<void>();
    case CommitOutcome::Kind::contended:
      return base::fail(ErrorCode::unavailable, "contended", "The store is too busy with these records.");
    case CommitOutcome::Kind::unknown:
      return base::fail(ErrorCode::timed_out, "outcome_unknown", "The store did not say whether the step was taken.");
  }
  return std::nullopt;
}

Task<Result<void>> settle(Store& store, Decide decide, Consumed consumed) {
  for (int run = 0; run < bounds::kConflictRunsMax; ++run) {
    auto commit = co_await decide();
    if (!commit) co_return base::fail(std::move(commit.error()));
    if (commit->empty()) co_return Result<void>();
    const auto outcome = co_await store.commit(std::move(*commit));
    if (!outcome) co_return base::fail(outcome.error());
    if (auto settled = verdict(*outcome, consumed)) co_return std::move(*settled);
  }
  co_return base::fail(ErrorCode::unavailable, "too_many_conflicts", "The step met a changed state each time.");
}

/// Full jitter: anything up to a ceiling that doubles with each attempt, so that what failed together comes
/// back spread over the whole span (AWS architecture blog "Exponential backoff and jitter").
base::Duration back_off(int attempt, Random& random) {
  constexpr base::Duration kCeilingMax = bounds::kRetryDelayMax;
  base::Duration ceiling = bounds::kRetryDelayFirst;
  for (int i = 1; i < attempt && ceiling < kCeilingMax; ++i) ceiling *= 2;
  ceiling = std::min(ceiling, kCeilingMax);
  const auto span = static_cast<std::uint64_t>(ceiling.count()) + 1;
  return base::Duration(static_cast<std::int64_t>(random.next() % span));
}

std::string error_text(const base::Error& why) { return (why.reason + ": " + why.message).substr(0, kErrorBytesMax); }

class Consumer {
 public:
  Consumer(ConsumerPorts ports, ConsumerSpec spec)
      : ports_(ports),
        spec_(std::move(spec)),
        joint_(ports_.store, ports_.executor),
        handled_(ports.telemetry.counter("ow_messages_handled_total", {{"queue", spec_.queue}})),
        failed_(ports.telemetry.counter("ow_messages_failed_total", {{"queue", spec_.queue}})) {
    OW_ASSERT(spec_.parallel_max > 0, "a consumer may run a handler");
  }

  Task<void> run() {
    int failures = 0;
    while (!ports_.executor.stopping()) {
      const bool in_vain = co_await yield();
      // No more than can be started at once: what waits here would wait behind others of its owner, and die
      // with the process.
      while (running_ >= spec_.parallel_max) co_await slots_freed();
      if (ports_.executor.stopping()) break;
      const auto room = spec_.parallel_max - running_;
      const auto wanted = co_await admitted(in_vain ? std::min(room, bounds::kConsumerTrickle) : room);
      if (wanted == 0) continue;
      auto batch = co_await ports_.queues.receive({spec_.queue, wanted, bounds::kReceiveWait});
      if (!batch) {
        log("receive_failed", batch.error(), {});
        co_await pause(back_off(++failures, ports_.random));
        continue;
      }
      failures = 0;
      for (auto& delivery : *batch) start(std::move(delivery));
    }
    while (running_ > 0) co_await slot_freed();
  }

 private:
  /// As wait_for_lull().
  Task<bool> yield() {
    if (!spec_.yields || ports_.clock.ticks() < hurries_until_) co_return false;
    co_return co_await wait_for_lull(ports_.executor, ports_.clock, spec_.yields);
  }

  Task<std::size_t> admitted(std::size_t room) {
    const auto wanted = std::min(bounds::kReceiveBatchMax, room);
    if (!spec_.admits) co_return wanted;
    co_return co_await spec_.admits(wanted);
  }

  Task<void> pause(base::Duration span) {
    static_cast<void>(co_await ports_.executor.sleep_until(ports_.clock.ticks() + span));
  }

  void start(Delivery delivery) {
    ++running_;
    if (ports_.clock.now() - delivery.sent > bounds::kConsumerYieldAgeMax)
      hurries_until_ = ports_.clock.ticks() + bounds::kConsumerHurry;
    ports_.executor.spawn(handle(std::move(delivery)));
  }

  Task<void> slot_freed() {
    base::Completion<bool> freed;
    freed_ = &freed;
    co_await freed;
  }

  /// Handlers that settled together all free their slots before the next receive.
  Task<void> slots_freed() {
    co_await slot_freed();
    if (!spec_.together) co_return;
    // Shared: a simulated crash may destroy the frame while the executor still holds the job.
    auto turn = std::make_shared<base::Completion<bool>>();
    ports_.executor.post([turn] { turn->complete(true); });
    co_await *turn;
  }

  /// Owned by the executor; this outlives it because run() waits for it, and a crash runs no code.
  Task<void> handle(Delivery delivery) {
    Store& store = spec_.together ? joint_ : ports_.store;
    const auto settled =
        co_await settle(store, [this, &delivery] { return decide(delivery); }, Key{delivery.queue, delivery.id.text});
    if (settled) {
      handled_.add();
    } else {
      failed_.add();
      co_await give_back(std::move(delivery), settled.error());
    }
    --running_;
    if (freed_ != nullptr) std::exchange(freed_, nullptr)->complete(true);
  }

  Task<Result<Commit>> decide(const Delivery& delivery) {
    auto commit = co_await spec_.handle(delivery);
    if (commit) commit->ack({delivery.queue, delivery.id, delivery.receipt});
    co_return commit;
  }

  /// How long a failed message stays away. One that has a delay of its own keeps it whole: what it waits for is slow.
  base::Duration away(int receives) {
    if (!spec_.retry_delay) return back_off(receives, ports_.random);
    const auto delay = spec_.retry_delay(receives);
    return delay + delay / 100 * static_cast<std::int64_t>(ports_.random.next() % (kJitterPercent + 1));
  }

  Task<void> give_back(Delivery delivery, base::Error why) {
    log("message_failed", why, {{"message", delivery.id.text}, {"receives", std::to_string(delivery.receive_count)}});
    const auto delay = away(delivery.receive_count);
    delivery.error = error_text(why);
    const auto released = co_await ports_.queues.release(std::move(delivery), delay);
    // Conflict: consumed or received anew meanwhile. Any other failure only leaves it to its visibility.
    if (!released && released.error().code != ErrorCode::conflict) log("release_failed", released.error(), {});
  }

  void log(std::string_view event, const base::Error& why, Labels fields) {
    fields.emplace_back("queue", spec_.queue);
    fields.emplace_back("reason", why.reason);
    ports_.telemetry.log(LogLevel::warning, event, fields);
  }

  ConsumerPorts ports_;
  ConsumerSpec spec_;
  JointStore joint_;
  CounterMetric& handled_;
  CounterMetric& failed_;
  std::size_t running_ = 0;
  base::Duration hurries_until_{};  // something received lately had waited too long
  base::Completion<bool>* freed_ = nullptr;
};

}  // namespace

Task<void> run_consumer(ConsumerPorts ports, ConsumerSpec spec) {
  Consumer consumer(ports, std::move(spec));
  co_await consumer.run();
}

Task<Result<void>> commit_until_settled(Store& store, Decide decide) {
  return settle(store, std::move(decide), std::nullopt);
}

}  // namespace ow::platform
