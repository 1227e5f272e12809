// See thread_scope.h.
#include "states/thread_scope.h"

#include "base/encoding.h"
#include "states/task_token.h"

namespace ow::states {
namespace {

using base::Json;

Json map_item(std::size_t index, const Json& value) {
  return Json::object({{"Item", Json::object({{"Index", Json(static_cast<std::int64_t>(index))}, {"Value", value}})}});
}

std::size_t index_in(const Thread& parent, const Thread& child) {
  return static_cast<std::size_t>(&child - parent.children.data());
}

/// Source: AWS Step Functions developer guide, "Context object".
Json make_context(const Execution& execution, const Trail& trail, std::size_t level) {
  const auto& thread = *trail[level].thread;
  auto context =
      Json::object({{"Execution", Json::object({{"Id", execution.id},
                                                {"Input", execution.input},
                                                {"Name", execution.id},
                                                {"StartTime", base::to_rfc3339(execution.started)}})},
                    {"State", Json::object({{"Name", thread.state},
                                            {"EnteredTime", base::to_rfc3339(thread.entered)},
                                            {"RetryCount", Json(thread.attempt - 1)}})},
                    {"StateMachine", Json::object({{"Id", execution.definition}, {"Name", execution.definition}})}});
  const auto* state = trail[level].state;
  const auto* task = state == nullptr ? nullptr : std::get_if<TaskDetail>(&state->detail);
  if (task != nullptr && task->callback) {
    context.set("Task", Json::object({{"Token", task_token(execution, thread.entry, thread.attempt)}}));
  }
  for (auto at = level; at > 0; --at) {
    const auto& child = *trail[at].thread;
    if (!child.item) continue;
    context.set("Map", map_item(index_in(*trail[at - 1].thread, child), *child.item));
    break;
  }
  return context;
}

std::uint64_t seed_of(const Execution& execution, const Thread& thread) {
  const auto digest = base::sha256(execution.id + '\0' + std::to_string(thread.entry));
  std::uint64_t seed = 0;
  for (std::size_t at = 0; at < sizeof seed; ++at) seed = seed << 8 | digest[at];
  return seed;
}

}  // namespace

const StateMachine* child_machine(const State& state, std::size_t index) {
  if (const auto* map = std::get_if<MapDetail>(&state.detail)) return map->processor.get();
  if (const auto* parallel = std::get_if<ParallelDetail>(&state.detail)) {
    if (index < parallel->branches.size()) return parallel->branches[index].get();
  }
  return nullptr;
}

Trail find_trail(const Definition& definition, Thread& root, const Position& position) {
  Trail trail{{&root, &definition.machine, definition.machine.find(root.state)}};
  for (const auto index : position) {
    const auto& spot = trail.back();
    if (spot.state == nullptr || index >= spot.thread->children.size()) break;
    const auto* machine = child_machine(*spot.state, index);
    if (machine == nullptr) break;
    auto* child = &spot.thread->children[index];
    trail.push_back({child, machine, machine->find(child->state)});
  }
  return trail;
}

Reading::Reading(const Definition& definition, const Execution& execution, const Trail& trail, std::size_t level)
    : uses_context_(definition.uses_context),
      context_(uses_context_ ? make_context(execution, trail, level) : Json()),
      random_(definition.uses_random ? seed_of(execution, *trail[level].thread) : 0) {
  scope_.context = &context_;
  scope_.random = &random_;
  for (auto at = level + 1; at-- > 0;) {
    if (!trail[at].thread->variables.is_null()) scope_.variables.push_back(&trail[at].thread->variables);
  }
}

const Scope& Reading::of(const Json& input) {
  scope_.input = &input;
  return scope_;
}

void Reading::set_item(std::size_t index, const Json& value) {
  if (uses_context_) context_.set("Map", map_item(index, value));
}

}  // namespace ow::states
