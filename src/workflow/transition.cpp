// See transition.h.
#include "workflow/transition.h"

#include <algorithm>
#include <utility>

#include "base/bounds.h"

namespace ow::workflow {
namespace {

using base::fail;
using base::Result;
using base::Task;
using platform::Commit;

base::Duration postponed_delay(int times, std::uint64_t random) {
  const base::Duration longest = base::bounds::kTaskPostponedMax;
  const auto doubled = base::Duration(base::bounds::kTaskPostponedMin) * (std::int64_t{1} << std::min(times, 16));
  const auto delay = std::min(doubled, longest);
  return delay / 2 + base::Duration(static_cast<std::int64_t>(random % static_cast<std::uint64_t>(delay.count() / 2)));
}

/// Uniform in [0, 1).
double fraction(std::uint64_t random) { return static_cast<double>(random >> 11) * 0x1.0p-53; }

}  // namespace

Transition::Transition(platform::ConsumerPorts& ports, const TaskRegistry& tasks,
                       std::shared_ptr<const states::Definition> definition, Execution execution,
                       platform::Version version, std::string traceparent, base::Duration kept)
    : ports_(ports),
      tasks_(tasks),
      traceparent_(std::move(traceparent)),
      edit_(ports.clock, std::move(definition), std::move(execution), version, traceparent_, kept, false),
      staged_(ports.store),
      // A start message says all of a new execution but the secret of its task tokens.
      durable_entries_(version == 0 && !edit_.execution().secret.empty() ? 0 : edit_.execution().entries) {}

Task<Result<Commit>> Transition::run(TransitionMessage message) {
  if (!trigger(message)) co_return Commit();
  if (!edit_.execution().pause) {
    auto advanced = co_await advance();
    if (!advanced) co_return fail(std::move(advanced.error()));
  }
  co_return finish();
}

bool Transition::trigger(const TransitionMessage& message) {
  using Kind = TransitionMessage::Kind;
  auto& execution = edit_.execution();
  if (execution.pause && message.kind != Kind::nudge) return false;
  switch (message.kind) {
    case Kind::start:
      return edit_.version() == 0;
    case Kind::step:
      return execution.status == states::ExecutionStatus::running && message.step == execution.step;
    case Kind::nudge:
      return cut_wait_short();
  }
  return false;
}

/// While the execution is paused the wish is kept.
bool Transition::cut_wait_short() {
  auto& execution = edit_.execution();
  if (execution.pause) return !std::exchange(execution.pause->nudged, true);
  auto action = states::next_action(edit_.definition(), execution);
  if (action.kind != states::Action::Kind::wait || action.awaits_callback) return false;
  edit_.expect_timer();
  apply({.kind = states::Event::Kind::due, .at = std::move(action.at)});
  return true;
}

bool Transition::fits_beside(const Commit& more) const {
  const auto& staged = staged_.staged();
  return staged.key_count() + more.key_count() + edit_keys_max() <= base::bounds::kCommitKeysMax &&
         staged.byte_count() + more.byte_count() + edit_.payload_bytes() + base::bounds::kRecordBytesMax <=
             base::bounds::kCommitBytesMax;
}

void Transition::apply(states::Event event) {
  if (event.kind == states::Event::Kind::threw) event.jitter = fraction(ports_.random.next());
  edit_.apply(std::move(event));
}

Task<Result<void>> Transition::advance() {
  for (int taken = 0; taken < base::bounds::kTransitionsPerCommitMax && !edit_.is_full(); ++taken) {
    auto action = states::next_action(edit_.definition(), edit_.execution());
    const auto now = ports_.clock.now();
    const auto deadline = states::execution_deadline(edit_.definition(), edit_.execution());
    if (action.kind == states::Action::Kind::finished) break;
    if (deadline && now >= *deadline) {
      apply({.kind = states::Event::Kind::expired});
    } else if (action.kind == states::Action::Kind::proceed) {
      apply({.kind = states::Event::Kind::proceed, .at = std::move(action.at)});
    } else if (action.kind == states::Action::Kind::wait) {
      if (action.due > now) break;
      apply({.kind = states::Event::Kind::due, .at = std::move(action.at)});
    } else {
      if (must_wait_for_message(action)) break;
      auto ran = co_await run_task(std::move(action));
      if (!ran) co_return fail(std::move(ran.error()));
      if (!*ran) break;
    }
  }
  co_return Result<void>();
}

bool Transition::must_wait_for_message(const states::Action& action) const {
  const auto spec = tasks_.find(action.resource);
  if (spec == tasks_.end() || !spec->second.calls_outside) return false;
  return called_outside_ || action.entry > durable_entries_;
}

/// False: go no further in this commit.
Task<Result<bool>> Transition::run_task(states::Action action) {
  auto failure = action.refused;
  if (!failure && action.deadline && ports_.clock.now() >= *action.deadline) {
    failure = states::TaskFailure{action.deadline_error, "The state's time was over before its task could begin."};
  }
  if (failure) {
    apply({.kind = states::Event::Kind::threw, .at = action.at, .failure = std::move(*failure)});
    co_return true;
  }
  const auto found = tasks_.find(action.resource);
  if (found == tasks_.end()) {
    co_return fail(base::ErrorCode::internal, "task_unknown", "There is no task '" + action.resource + "'.");
  }
  const auto& spec = found->second;
  called_outside_ = called_outside_ || spec.calls_outside;
  TaskInput input{std::move(action.input),
                  base::ExecutionId(edit_.execution().id),
                  action.state,
                  action.key,
                  action.attempt,
                  action.entered,
                  traceparent_,
                  staged_};
  auto outcome = co_await spec.handle(std::move(input));
  if (outcome) co_return co_await take_outcome(action, std::move(*outcome));
  if (!spec.calls_outside) co_return fail(std::move(outcome.error()));
  ports_.telemetry.log(
      platform::LogLevel::warning, "task_postponed",
      {{"execution", edit_.execution().id}, {"state", action.state}, {"reason", outcome.error().reason}});
  postpone(action);
  co_return false;
}

Task<Result<bool>> Transition::take_outcome(const states::Action& action, TaskOutcome outcome) {
  const bool first = staged_.staged().empty();
  if (!first && !fits_beside(outcome.commit)) co_return false;
  auto taken = co_await staged_.commit(std::move(outcome.commit));
  if (!taken) co_return fail(std::move(taken.error()));
  if (!taken->committed()) {
    if (!first) co_return false;
    co_return fail(base::ErrorCode::internal, "task_contradicts", "The task's commit contradicts what it read.");
  }
  if (outcome.failure) {
    apply({.kind = states::Event::Kind::threw, .at = action.at, .failure = std::move(*outcome.failure)});
  } else if (action.callback) {
    apply({.kind = states::Event::Kind::handed_over, .at = action.at});
  } else if (to_text(outcome.output).size() > base::bounds::kExecutionDataBytesMax) {
    apply({.kind = states::Event::Kind::threw,
           .at = action.at,
           .failure = {"States.DataLimitExceeded", "The task's output is larger than 256 KB."}});
  } else {
    apply({.kind = states::Event::Kind::returned, .at = action.at, .output = std::move(outcome.output)});
  }
  co_return true;
}

void Transition::postpone(const states::Action& action) {
  auto due = ports_.clock.now() + postponed_delay(action.postponed, ports_.random.next());
  if (action.deadline) due = std::min(due, *action.deadline);
  apply({.kind = states::Event::Kind::postponed, .at = action.at, .due = due});
}

Commit Transition::finish() {
  auto commit = staged_.take();
  commit.merge(edit_.finish());
  return commit;
}

}  // namespace ow::workflow
