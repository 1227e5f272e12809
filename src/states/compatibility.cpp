// See compatibility.h.
#include "states/compatibility.h"

#include "states/thread_scope.h"

namespace ow::states {
namespace {

bool needs_map(const Thread& thread) { return !thread.children.empty() && thread.children.front().item.has_value(); }

/// What the thread's phase asks of its state's type; empty when the state will do.
std::string mismatch(const Thread& thread, const State& state) {
  const auto* parallel = std::get_if<ParallelDetail>(&state.detail);
  const bool is_map = std::holds_alternative<MapDetail>(state.detail);
  const bool has_children = !thread.children.empty();
  if (has_children && needs_map(thread) && !is_map) return "is no Map any more";
  if (has_children && !needs_map(thread)) {
    if (parallel == nullptr) return "is no Parallel any more";
    if (parallel->branches.size() != thread.children.size()) return "has another number of branches";
  }
  const auto* task = std::get_if<TaskDetail>(&state.detail);
  if (thread.phase == Phase::waiting && !std::holds_alternative<WaitDetail>(state.detail)) return "is no Wait any more";
  if (thread.phase == Phase::working && task == nullptr) return "is no Task any more";
  if (thread.phase == Phase::awaiting && (task == nullptr || !task->callback)) return "awaits no callback any more";
  return {};
}

void check(const Thread& thread, const StateMachine& machine, const std::string& place,
           std::vector<std::string>& found) {
  if (thread.phase == Phase::done || thread.phase == Phase::pending) return;
  const auto here = place + "States." + thread.state;
  const auto* state = machine.find(thread.state);
  if (state == nullptr) {
    found.push_back(here + " is gone");
    return;
  }
  if (const auto problem = mismatch(thread, *state); !problem.empty()) {
    found.push_back(here + " " + problem);
    return;
  }
  for (std::size_t index = 0; index < thread.children.size(); ++index) {
    const auto* child = child_machine(*state, index);
    if (child != nullptr) check(thread.children[index], *child, here + "[" + std::to_string(index) + "].", found);
  }
}

}  // namespace

std::vector<std::string> incompatibilities(const Definition& definition, const Execution& execution) {
  std::vector<std::string> found;
  // Its data outgrew the record, or it ended before records kept where.
  if (execution.root.entry == 0) {
    found.push_back("nothing is left of where the execution stood");
  } else {
    check(execution.root, definition.machine, "", found);
  }
  return found;
}

}  // namespace ow::states
