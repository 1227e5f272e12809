// What an execution waits for; see machine.h. Steps are in machine_step.cpp.
#include "states/machine.h"

#include <algorithm>

#include "base/assert.h"
#include "base/encoding.h"
#include "states/data_flow.h"

namespace ow::states {
namespace {

struct Search {
  std::optional<Position> next;      // the first thread that can go on
  std::optional<Position> earliest;  // the first to be due
  base::Instant due;
};

/// No child can go on, and the state has not joined them: the step that joins them failed and was redriven.
bool at_rest(const Thread& thread) {
  return std::all_of(thread.children.begin(), thread.children.end(), [](const Thread& child) {
    return child.phase == Phase::done || child.phase == Phase::failed || child.phase == Phase::pending;
  });
}

void visit(const Thread& thread, Position& at, Search& search) {
  switch (thread.phase) {
    case Phase::ready:
    case Phase::working:
      search.next = at;
      return;
    case Phase::waiting:
    case Phase::retrying:
    case Phase::awaiting:
      if (!search.earliest || thread.due < search.due) {
        search.earliest = at;
        search.due = thread.due;
      }
      return;
    case Phase::forked:
      break;
    case Phase::pending:
    case Phase::done:
    case Phase::failed:
      return;
  }
  for (std::size_t index = 0; index < thread.children.size() && !search.next; ++index) {
    at.push_back(index);
    visit(thread.children[index], at, search);
    at.pop_back();
  }
  if (!search.next && at_rest(thread)) search.next = at;
}

std::string task_key(const Execution& execution, const Position& at, const Thread& thread) {
  std::string text = execution.id;
  for (const auto index : at) text += '/' + std::to_string(index);
  text += '\0' + thread.state + '\0' + std::to_string(thread.entry);
  return base::to_hex(base::sha256(text)).substr(0, 40);
}

bool is_task(const State* state) { return state != nullptr && std::holds_alternative<TaskDetail>(state->detail); }

void describe_task(const Definition& definition, const Execution& execution, const Trail& trail, Action& action) {
  const auto& state = *trail.back().state;
  const auto& thread = *trail.back().thread;
  const auto& task = std::get<TaskDetail>(state.detail);
  action.kind = Action::Kind::run_task;
  action.resource = task.resource;
  action.callback = task.callback;
  action.attempt = thread.attempt;
  action.postponed = thread.postponed;
  action.entered = thread.entered;
  action.key = task_key(execution, action.at, thread);
  Reading reading(definition, execution, trail, trail.size() - 1);
  auto input = work_input(state, thread.input, reading);
  auto limits = task_limits(task, thread, reading);
  if (!input || !limits) {
    action.refused = input ? limits.error() : input.error();
    return;
  }
  action.input = std::move(*input);
  if (limits->due() == kNever) return;
  action.deadline = limits->due();
  action.deadline_error = limits->error();
}

void shift(Thread& thread, base::Duration paused) {
  thread.begun = thread.begun + paused;
  if (thread.phase == Phase::awaiting) {
    thread.beaten = thread.beaten + paused;
    if (thread.due != kNever) thread.due = thread.due + paused;
  }
  for (auto& child : thread.children) shift(child, paused);
}

}  // namespace

Execution begin_execution(const Definition& definition, std::string id, base::Json input, base::Instant now) {
  Execution execution;
  execution.id = std::move(id);
  execution.started = now;
  execution.clock = now;
  execution.changed = now;
  execution.entries = 1;
  execution.root.state = definition.machine.start_at;
  execution.root.input = input;
  execution.root.entry = 1;
  execution.root.entered = now;
  execution.root.begun = now;
  execution.input = std::move(input);
  return execution;
}

Action next_action(const Definition& definition, const Execution& execution) {
  Action action;
  if (execution.status != ExecutionStatus::running) return action;
  Search search;
  Position at;
  visit(execution.root, at, search);
  OW_ASSERT(search.next || search.earliest, "a running execution waits for something");
  action.at = search.next ? *search.next : *search.earliest;
  action.due = search.due;
  // The trail is only read here; its pointers are mutable for the steps.
  const auto trail = find_trail(definition, const_cast<Thread&>(execution.root), action.at);
  const auto& thread = *trail.back().thread;
  action.state = thread.state;
  action.entry = thread.entry;
  action.kind = search.next ? Action::Kind::proceed : Action::Kind::wait;
  action.awaits_callback = thread.phase == Phase::awaiting;
  if (thread.phase == Phase::working && is_task(trail.back().state))
    describe_task(definition, execution, trail, action);
  return action;
}

void shift_clocks(Execution& execution, base::Duration paused) {
  execution.clock = execution.clock + paused;
  shift(execution.root, paused);
}

std::optional<base::Instant> execution_deadline(const Definition& definition, const Execution& execution) {
  if (!definition.timeout) return std::nullopt;
  return execution.clock + *definition.timeout;
}

}  // namespace ow::states
