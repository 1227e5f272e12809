// One step of the language; see machine.h.
#include <algorithm>
#include <cmath>

#include "states/machine_step.h"

namespace ow::states {
namespace {

using base::Instant;
using base::Json;

constexpr double kDelaySecondsMax = 31'622'400;  // a year, as the service bounds MaxDelaySeconds
constexpr double kWaitSecondsMax = 99'999'999;

bool names_error(const std::vector<std::string>& errors, const std::string& error) {
  return std::any_of(errors.begin(), errors.end(), [&error](const std::string& name) {
    if (name == error) return true;
    if (error == "States.DataLimitExceeded") return false;  // only by its name
    const bool timed_out = error == kTimeoutError || error == kHeartbeatError;
    return name == "States.ALL" || (name == "States.TaskFailed" && !timed_out) ||
           (name == kTimeoutError && error == kHeartbeatError);
  });
}

base::Duration retry_delay(const Retrier& retrier, int used, double jitter) {
  const double interval = std::chrono::duration<double>(retrier.interval).count();
  double seconds = std::min(interval * std::pow(retrier.backoff_rate, used), kDelaySecondsMax);
  if (retrier.delay_max) seconds = std::min(seconds, std::chrono::duration<double>(*retrier.delay_max).count());
  if (retrier.full_jitter) seconds *= jitter;
  return std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(seconds));
}

}  // namespace

std::optional<RetryNotice> Stepper::run() {
  if (event_.kind == Event::Kind::resumed) {
    if (execution_.status == ExecutionStatus::parked && trail_.front().state != nullptr) wake(0);
  } else if (event_.kind == Event::Kind::redriven) {
    if (is_reopening()) reopen(execution_.root);
  } else if (event_.kind == Event::Kind::stopped) {
    execution_.changed = event_.now;
    if (execution_.status != ExecutionStatus::succeeded)
      end_failed(std::move(event_.failure), ExecutionStatus::stopped);
  } else if (execution_.status == ExecutionStatus::running) {
    execution_.changed = event_.now;
    if (event_.kind == Event::Kind::expired) {
      end_failed({kTimeoutError, "The execution took longer than its TimeoutSeconds."}, ExecutionStatus::failed);
    } else {
      dispatch(trail_.size() - 1);
    }
  }
  return notice_;
}

void Stepper::dispatch(Level level) {
  auto& at = thread(level);
  if (trail_[level].state == nullptr) {
    fail_thread(level, {kRuntimeError, "There is no state '" + at.state + "'."});
    return;
  }
  switch (event_.kind) {
    case Event::Kind::proceed:
      // A thread is forked here only after a redrive; entering may end the thread, which is then gone.
      if (at.phase == Phase::forked) {
        join(level);
      } else if (at.phase == Phase::ready || at.phase == Phase::working) {
        enter(level);
      }
      break;
    case Event::Kind::returned:
      if (at.phase == Phase::working || at.phase == Phase::awaiting) work_done(level, std::move(event_.output));
      break;
    case Event::Kind::threw:
      if (at.phase == Phase::working || at.phase == Phase::awaiting) raise(level, std::move(event_.failure));
      break;
    case Event::Kind::postponed:
      if (at.phase != Phase::working) break;
      at.phase = Phase::retrying;
      at.due = event_.due;
      ++at.postponed;
      break;
    case Event::Kind::due:
      take_due(level);
      break;
    case Event::Kind::handed_over:
      if (at.phase == Phase::working) await(level);
      break;
    case Event::Kind::beaten:
      if (at.phase != Phase::awaiting) break;
      at.beaten = event_.now;
      await(level);
      break;
    case Event::Kind::expired:
    case Event::Kind::redriven:
    case Event::Kind::stopped:
    case Event::Kind::resumed:
      break;
  }
}

void Stepper::take_due(Level level) {
  auto& at = thread(level);
  if (at.phase == Phase::waiting) return look_done(level, state(level).assign, state(level).next);
  if (at.phase == Phase::retrying) return wake(level);
  if (at.phase != Phase::awaiting || event_.now < at.due) return;
  Reading reading(definition_, execution_, trail_, level);
  const auto limits = task_limits(std::get<TaskDetail>(state(level).detail), at, reading);
  raise(level, {limits ? limits->error() : kTimeoutError, "Nobody answered the task's token in time."});
}

/// Until its token is answered, or its time is over.
void Stepper::await(Level level) {
  auto& at = thread(level);
  const auto* task = std::get_if<TaskDetail>(&state(level).detail);
  if (task == nullptr) return raise(level, {kRuntimeError, "The state '" + at.state + "' awaits no callback."});
  Reading reading(definition_, execution_, trail_, level);
  auto limits = task_limits(*task, at, reading);
  if (!limits) return raise(level, std::move(limits.error()));
  at.phase = Phase::awaiting;
  at.due = limits->due();
}

bool Stepper::is_reopening() const {
  return execution_.status == ExecutionStatus::failed || execution_.status == ExecutionStatus::stopped;
}

/// What failed begins its next attempt, under the key of its entry; what had ended stays so, what was under way
/// goes on.
void Stepper::reopen(Thread& reopened) {
  if (&reopened == &execution_.root) {
    execution_.status = ExecutionStatus::running;
    execution_.error.clear();
    execution_.cause.clear();
    execution_.changed = event_.now;
    execution_.clock = event_.now;
  }
  if (reopened.phase == Phase::done || reopened.phase == Phase::pending) return;
  const bool forked = !reopened.children.empty();
  if (reopened.phase == Phase::failed) {
    reopened.phase = forked ? Phase::forked : Phase::ready;
    reopened.retries.clear();
    reopened.postponed = 0;
    ++reopened.attempt;
  }
  reopened.begun = event_.now;
  for (auto& child : reopened.children) reopen(child);
  if (&reopened != &execution_.root) return;
  Position at;
  await_again(at);
}

/// The limits of who has a token begin anew.
void Stepper::await_again(Position& at) {
  trail_ = find_trail(definition_, execution_.root, at);
  if (trail_.size() != at.size() + 1) return;
  const auto level = trail_.size() - 1;
  const auto children = thread(level).children.size();
  if (thread(level).phase == Phase::awaiting && trail_[level].state != nullptr) {
    thread(level).beaten = event_.now;
    await(level);
  }
  for (std::size_t index = 0; index < children; ++index) {
    at.push_back(index);
    await_again(at);
    at.pop_back();
  }
}

/// Makes the state's work begin again: the next attempt, the same after an unknown outcome, or a parked one.
void Stepper::wake(Level level) {
  auto& at = thread(level);
  if (execution_.status == ExecutionStatus::parked) {
    execution_.status = ExecutionStatus::running;
    execution_.error.clear();
    execution_.cause.clear();
    execution_.changed = event_.now;
    at.retries.clear();
    at.postponed = 0;
    ++at.attempt;
  }
  if (at.postponed == 0) at.begun = event_.now;
  at.phase = Phase::ready;
  enter(level);
}

void Stepper::enter(Level level) {
  std::visit([this, level](const auto& detail) { enter_state(level, detail); }, state(level).detail);
}

void Stepper::enter_state(Level level, const TaskDetail&) { thread(level).phase = Phase::working; }

void Stepper::enter_state(Level level, const PassDetail& pass) {
  Reading reading(definition_, execution_, trail_, level);
  auto input = pass.result ? Evaluated<Json>(*pass.result) : work_input(state(level), thread(level).input, reading);
  if (pass.result && state(level).input_path.path) {
    auto checked = effective_input(state(level), thread(level).input, reading);
    if (!checked) input = std::move(checked);
  }
  if (!input) return raise(level, std::move(input.error()));
  work_done(level, std::move(*input));
}

void Stepper::enter_state(Level level, const ChoiceDetail& choice) {
  Reading reading(definition_, execution_, trail_, level);
  const auto effective = effective_input(state(level), thread(level).input, reading);
  if (!effective) return raise(level, effective.error());
  for (const auto& branch : choice.branches) {
    auto chosen = holds(branch.rule, reading.of(*effective));
    if (!chosen) return raise(level, std::move(chosen.error()));
    if (*chosen) return look_done(level, branch.assign, branch.next);
  }
  if (!choice.otherwise.empty()) return look_done(level, state(level).assign, choice.otherwise);
  raise(level, {"States.NoChoiceMatched", "No rule of the choice matched and it has no Default."});
}

void Stepper::enter_state(Level level, const WaitDetail& wait) {
  Reading reading(definition_, execution_, trail_, level);
  auto end = wait_end(level, wait, reading);
  if (!end) return raise(level, std::move(end.error()));
  thread(level).phase = Phase::waiting;
  thread(level).due = *end;
}

Evaluated<Instant> Stepper::wait_end(Level level, const WaitDetail& wait, Reading& reading) {
  if (wait.until) return *wait.until;
  auto effective = effective_input(state(level), thread(level).input, reading);
  if (!effective) return tl::unexpected(std::move(effective.error()));
  if (!wait.until_path) {
    auto seconds = number_of(wait.span, *effective, reading);
    if (!seconds) return tl::unexpected(std::move(seconds.error()));
    if (seconds->value_or(0) > kWaitSecondsMax) return failing(kRuntimeError, "A Wait takes at most 99999999 seconds.");
    return thread(level).entered + seconds_span(seconds->value_or(0));
  }
  auto text = wait.until_path->read(reading.of(*effective));
  if (!text) return tl::unexpected(std::move(text.error()));
  if (text->is_string()) {
    if (auto at = base::parse_rfc3339(text->as_string())) return *at;
  }
  return failing(kRuntimeError, "The path '" + wait.until_path->text() + "' does not yield an RFC 3339 time.");
}

void Stepper::enter_state(Level level, const SucceedDetail&) { look_done(level, std::nullopt, ""); }

void Stepper::enter_state(Level level, const FailDetail& fail) {
  Reading reading(definition_, execution_, trail_, level);
  TaskFailure failure{fail.error, fail.cause};
  const auto read = [&](const std::optional<Expression>& expression, std::string& text) -> std::optional<TaskFailure> {
    if (!expression) return std::nullopt;
    auto value = expression->evaluate(reading.of(thread(level).input));
    if (!value) return std::move(value.error());
    if (!value->is_string()) return TaskFailure{kRuntimeError, "ErrorPath and CausePath must yield texts."};
    text = value->as_string();
    return std::nullopt;
  };
  if (auto problem = read(fail.error_path, failure.error)) return fail_thread(level, std::move(*problem));
  if (auto problem = read(fail.cause_path, failure.cause)) return fail_thread(level, std::move(*problem));
  fail_thread(level, std::move(failure));
}

void Stepper::look_done(Level level, const std::optional<Template>& assign, const std::string& next) {
  Reading reading(definition_, execution_, trail_, level);
  auto effective = effective_input(state(level), thread(level).input, reading);
  if (!effective) return raise(level, std::move(effective.error()));
  settle(level, finish_look(state(level), std::move(*effective), assign, reading), next);
}

void Stepper::work_done(Level level, Json result) {
  Reading reading(definition_, execution_, trail_, level);
  auto finished = finish_work(state(level), thread(level).input, std::move(result), reading);
  settle(level, std::move(finished), state(level).next);
}

void Stepper::settle(Level level, Evaluated<StateResult> result, const std::string& next) {
  if (!result) return raise(level, std::move(result.error()));
  leave(level, std::move(*result), next);
}

void Stepper::leave(Level level, StateResult result, const std::string& next) {
  auto& left = thread(level);
  note(level, caught_ ? Ending::caught : Ending::succeeded, caught_.value_or(TaskFailure()), result.output);
  caught_.reset();
  if (result.assigned.is_object()) {
    for (auto& [name, value] : result.assigned.as_object()) left.variables.set(name, std::move(value));
  }
  left.children.clear();
  if (!next.empty()) return move_to(left, next, std::move(result.output));
  left.phase = Phase::done;
  if (level > 0) {
    left.input = std::move(result.output);
    return join(level - 1);
  }
  execution_.status = ExecutionStatus::succeeded;
  execution_.output = std::move(result.output);
}

void Stepper::note(Level level, Ending ending, const TaskFailure& failure, const Json& output) {
  if (!journal_) return;
  const auto& at = thread(level);
  std::string branch;
  for (std::size_t depth = 0; depth < level; ++depth) {
    branch += (depth == 0 ? "" : "/") + std::to_string(event_.at[depth]);
  }
  journal_({at.state, std::move(branch), at.entry, at.attempt, at.begun, event_.now, ending, at.input, output,
            failure.error, failure.cause});
}

void Stepper::move_to(Thread& moved, const std::string& next, Json input) {
  moved.state = next;
  moved.input = std::move(input);
  moved.phase = Phase::ready;
  moved.entry = ++execution_.entries;
  moved.entered = event_.now;
  moved.begun = event_.now;
  moved.beaten = {};
  moved.attempt = 1;
  moved.postponed = 0;
  moved.retries.clear();
}

void Stepper::raise(Level level, TaskFailure failure) {
  // Not even by its name (AWS Step Functions developer guide, "Error names").
  if (failure.error == kRuntimeError) {
    note(level, Ending::failed, failure, {});
    thread(level).phase = Phase::failed;
    return end_failed(std::move(failure), ExecutionStatus::failed);
  }
  if (retry(level, failure) || divert(level, failure)) return;
  fail_thread(level, std::move(failure));
}

bool Stepper::retry(Level level, const TaskFailure& failure) {
  const auto& retriers = state(level).retriers;
  auto& at = thread(level);
  const auto chosen = std::find_if(retriers.begin(), retriers.end(),
                                   [&](const Retrier& each) { return names_error(each.errors, failure.error); });
  if (chosen == retriers.end()) return false;
  at.retries.resize(retriers.size());
  auto& used = at.retries[static_cast<std::size_t>(chosen - retriers.begin())];
  if (used >= chosen->attempts_max) return false;
  note(level, Ending::retried, failure, {});
  const auto delay = retry_delay(*chosen, used, event_.jitter);
  at.children.clear();
  ++used;
  ++at.attempt;
  at.postponed = 0;
  at.phase = Phase::retrying;
  at.due = event_.now + delay;
  notice_ = RetryNotice{at.state, delay};
  return true;
}

bool Stepper::divert(Level level, TaskFailure& failure) {
  for (const auto& catcher : state(level).catchers) {
    if (!names_error(catcher.errors, failure.error)) continue;
    Reading reading(definition_, execution_, trail_, level);
    auto caught = finish_caught(catcher, thread(level).input, failure, reading);
    if (caught) {
      caught_ = failure;
      leave(level, std::move(*caught), catcher.next);
      return true;
    }
    failure = std::move(caught.error());
    return false;
  }
  return false;
}

void Stepper::fail_thread(Level level, TaskFailure failure) {
  const bool is_task = trail_[level].state != nullptr && std::holds_alternative<TaskDetail>(state(level).detail);
  const bool parks = level == 0 && is_task && failure.error == kParkedError;
  note(level, parks ? Ending::parked : Ending::failed, failure, {});
  if (level == 0) {
    if (!parks) thread(level).phase = Phase::failed;
    return end_failed(std::move(failure), parks ? ExecutionStatus::parked : ExecutionStatus::failed);
  }
  thread(level).phase = Phase::failed;
  const auto* map = std::get_if<MapDetail>(&state(level - 1).detail);
  const bool tolerates = map != nullptr && (map->tolerated_count.is_set() || map->tolerated_percentage.is_set());
  if (!tolerates) return raise(level - 1, std::move(failure));
  join(level - 1);
}

void Stepper::end_failed(TaskFailure failure, ExecutionStatus status) {
  execution_.status = status;
  execution_.error = std::move(failure.error);
  execution_.cause = std::move(failure.cause);
}

std::optional<RetryNotice> step(const Definition& definition, Execution& execution, Event event,
                                const Journal& journal) {
  return Stepper(definition, execution, event, journal).run();
}

}  // namespace ow::states
