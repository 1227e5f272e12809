// See transition.h.
#include "workflow/transition.h"

#include <algorithm>

#include "base/bounds.h"

namespace ow::workflow {
namespace {

using base::fail;
using base::Result;
using base::Task;
using platform::Commit;
namespace bounds = base::bounds;

/// Record, next message or timer, a timer to cancel, the ack.
constexpr std::size_t kOwnKeysMax = 4;
constexpr std::size_t kRecordEnvelopeBytes = 1024;

base::Duration postponed_delay(int times, std::uint64_t random) {
  const base::Duration longest = bounds::kTaskPostponedMax;
  const auto doubled = base::Duration(bounds::kTaskPostponedMin) * (std::int64_t{1} << std::min(times, 16));
  const auto delay = std::min(doubled, longest);
  return delay / 2 + base::Duration(static_cast<std::int64_t>(random % static_cast<std::uint64_t>(delay.count() / 2)));
}

/// Uniform in [0, 1).
double fraction(std::uint64_t random) { return static_cast<double>(random >> 11) * 0x1.0p-53; }

bool fits_beside(const Commit& staged, const Commit& more) {
  return staged.key_count() + more.key_count() + kOwnKeysMax <= bounds::kCommitKeysMax &&
         staged.byte_count() + more.byte_count() + bounds::kRecordBytesMax <= bounds::kCommitBytesMax;
}

}  // namespace

Transition::Transition(platform::ConsumerPorts& ports, const TaskRegistry& tasks,
                       std::shared_ptr<const Definition> definition, Execution execution, platform::Version version,
                       std::string traceparent)
    : ports_(ports),
      tasks_(tasks),
      definition_(std::move(definition)),
      execution_(std::move(execution)),
      version_(version),
      traceparent_(std::move(traceparent)),
      staged_(ports.store),
      durable_entries_(execution_.entries) {}

Task<Result<Commit>> Transition::run(TransitionMessage message) {
  if (!trigger(message)) co_return Commit();
  auto advanced = co_await advance();
  if (!advanced) co_return fail(std::move(advanced.error()));
  co_return finish();
}

bool Transition::trigger(const TransitionMessage& message) {
  using Kind = TransitionMessage::Kind;
  switch (message.kind) {
    case Kind::start: return version_ == 0;
    case Kind::step: return execution_.status == ExecutionStatus::running && message.step == execution_.step;
    case Kind::resume:
      if (execution_.status != ExecutionStatus::parked) return false;
      apply({.kind = Event::Kind::resumed});
      return true;
    case Kind::nudge: break;
  }
  auto action = next_action(*definition_, execution_);
  if (action.kind != Action::Kind::wait) return false;
  timer_pending_ = true;
  apply({.kind = Event::Kind::due, .at = std::move(action.at)});
  return true;
}

void Transition::apply(Event event) {
  event.now = ports_.clock.now();
  if (event.kind == Event::Kind::threw) event.jitter = fraction(ports_.random.next());
  step(*definition_, execution_, std::move(event));
}

Task<Result<void>> Transition::advance() {
  for (int taken = 0; taken < bounds::kTransitionsPerCommitMax; ++taken) {
    auto action = next_action(*definition_, execution_);
    const auto now = ports_.clock.now();
    const auto deadline = execution_deadline(*definition_, execution_);
    if (action.kind == Action::Kind::finished) break;
    if (deadline && now >= *deadline) {
      apply({.kind = Event::Kind::expired});
    } else if (action.kind == Action::Kind::proceed) {
      apply({.kind = Event::Kind::proceed, .at = std::move(action.at)});
    } else if (action.kind == Action::Kind::wait) {
      if (action.due > now) break;
      apply({.kind = Event::Kind::due, .at = std::move(action.at)});
    } else {
      if (must_wait_for_message(action)) break;
      auto ran = co_await run_task(std::move(action));
      if (!ran) co_return fail(std::move(ran.error()));
      if (!*ran) break;
    }
  }
  co_return Result<void>();
}

bool Transition::must_wait_for_message(const Action& action) const {
  const auto spec = tasks_.find(action.resource);
  if (spec == tasks_.end() || !spec->second.calls_outside) return false;
  return called_outside_ || action.entry > durable_entries_;
}

/// False: go no further in this commit.
Task<Result<bool>> Transition::run_task(Action action) {
  auto failure = action.refused;
  if (!failure && action.deadline && ports_.clock.now() >= *action.deadline) {
    failure = TaskFailure{kTimeoutError, "The state took longer than its TimeoutSeconds."};
  }
  if (failure) {
    apply({.kind = Event::Kind::threw, .at = action.at, .failure = std::move(*failure)});
    co_return true;
  }
  const auto found = tasks_.find(action.resource);
  if (found == tasks_.end()) {
    co_return fail(base::ErrorCode::internal, "task_unknown", "There is no task '" + action.resource + "'.");
  }
  const auto& spec = found->second;
  called_outside_ = called_outside_ || spec.calls_outside;
  TaskInput input{std::move(action.input), base::ExecutionId(execution_.id), action.state, action.key,
                  action.attempt,          action.entered,                   traceparent_, staged_};
  auto outcome = co_await spec.handle(std::move(input));
  if (outcome) co_return co_await take_outcome(action, std::move(*outcome));
  if (!spec.calls_outside) co_return fail(std::move(outcome.error()));
  ports_.telemetry.log(platform::LogLevel::warning, "task_postponed",
                       {{"execution", execution_.id}, {"state", action.state}, {"reason", outcome.error().reason}});
  postpone(action);
  co_return false;
}

Task<Result<bool>> Transition::take_outcome(const Action& action, TaskOutcome outcome) {
  const bool first = staged_.staged().empty();
  if (!first && !fits_beside(staged_.staged(), outcome.commit)) co_return false;
  auto taken = co_await staged_.commit(std::move(outcome.commit));
  if (!taken) co_return fail(std::move(taken.error()));
  if (!taken->committed()) {
    if (!first) co_return false;
    co_return fail(base::ErrorCode::internal, "task_contradicts", "The task's commit contradicts what it read.");
  }
  if (outcome.failure) {
    apply({.kind = Event::Kind::threw, .at = action.at, .failure = std::move(*outcome.failure)});
  } else if (to_text(outcome.output).size() > bounds::kExecutionDataBytesMax) {
    apply({.kind = Event::Kind::threw,
           .at = action.at,
           .failure = {"States.DataLimitExceeded", "The task's output is larger than 256 KB."}});
  } else {
    apply({.kind = Event::Kind::returned, .at = action.at, .output = std::move(outcome.output)});
  }
  co_return true;
}

void Transition::postpone(const Action& action) {
  auto due = ports_.clock.now() + postponed_delay(action.postponed, ports_.random.next());
  if (action.deadline) due = std::min(due, *action.deadline);
  apply({.kind = Event::Kind::postponed, .at = action.at, .due = due});
}

/// The record's value. An execution whose data outgrew a record fails, so that it can be written at all.
std::string Transition::render() {
  auto text = to_text(to_json(execution_));
  if (text.size() + kRecordEnvelopeBytes <= bounds::kRecordBytesMax) return text;
  execution_.status = ExecutionStatus::failed;
  execution_.error = "States.DataLimitExceeded";
  execution_.cause = "The execution's data outgrew its record.";
  execution_.input = base::Json();
  execution_.output = base::Json();
  return to_text(to_json(execution_));
}

Commit Transition::finish() {
  auto commit = staged_.take();
  ++execution_.step;
  execution_.changed = ports_.clock.now();
  platform::Record record{.key = execution_key(base::ExecutionId(execution_.id)), .kind = "execution", .value = render()};
  add_next(commit);
  const bool ended = execution_.status == ExecutionStatus::succeeded || execution_.status == ExecutionStatus::failed;
  if (ended) record.expires = execution_.changed + bounds::kExecutionKept;
  commit.put(std::move(record), platform::Expect::at(version_));
  return commit;
}

/// A running execution has one message or one timer that names its step, never both.
void Transition::add_next(Commit& commit) const {
  const base::ExecutionId id(execution_.id);
  const auto action = next_action(*definition_, execution_);
  const bool waits = action.kind == Action::Kind::wait;
  if (timer_pending_ && !waits) commit.cancel_timer(timer_name(id));
  if (action.kind == Action::Kind::finished) return;
  auto message = out_message(id, std::to_string(execution_.step), {.step = execution_.step}, traceparent_);
  if (!waits) {
    commit.send(std::move(message));
    return;
  }
  const auto deadline = execution_deadline(*definition_, execution_);
  const auto due = deadline ? std::min(action.due, *deadline) : action.due;
  commit.schedule({timer_name(id), due, std::move(message)});
}

}  // namespace ow::workflow
