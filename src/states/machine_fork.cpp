// Parallel and Map within one step of the machine; see machine_step.h.
#include <algorithm>

#include "states/machine_step.h"

namespace ow::states {

using base::Json;

Thread Stepper::make_child(const StateMachine& machine, Json input) {
  Thread child;
  move_to(child, machine.start_at, std::move(input));
  return child;
}

void Stepper::enter_state(Level level, const ParallelDetail& parallel) {
  Reading reading(definition_, execution_, trail_, level);
  auto input = work_input(state(level), thread(level).input, reading);
  if (!input) return raise(level, std::move(input.error()));
  auto& children = thread(level).children;
  children.clear();
  for (const auto& branch : parallel.branches) children.push_back(make_child(*branch, *input));
  fork(level);
}

void Stepper::enter_state(Level level, const MapDetail& map) {
  Reading reading(definition_, execution_, trail_, level);
  auto effective = effective_input(state(level), thread(level).input, reading);
  if (!effective) return raise(level, std::move(effective.error()));
  auto made = make_items(level, map, *effective, reading);
  if (!made) return raise(level, std::move(made.error()));
  fork(level);
}

Evaluated<void> Stepper::make_items(Level level, const MapDetail& map, const Json& effective, Reading& reading) {
  auto items = map.items_path ? map.items_path->read(reading.of(effective)) : Evaluated<Json>(effective);
  if (!items) return tl::unexpected(std::move(items.error()));
  if (!items->is_array()) return failing(kRuntimeError, "A Map needs an array of items.");
  auto& children = thread(level).children;
  children.clear();
  for (auto& item : items->as_array()) {
    reading.set_item(children.size(), item);
    auto input = map.item_selector ? map.item_selector->evaluate(reading.of(effective)) : Evaluated<Json>(item);
    if (!input) return tl::unexpected(std::move(input.error()));
    children.push_back(make_child(*map.processor, std::move(*input)));
    children.back().item = std::move(item);
    children.back().phase = Phase::pending;
  }
  return {};
}

void Stepper::fork(Level level) {
  thread(level).phase = Phase::forked;
  join(level);
}

/// Goes on when all children have ended; lets items in while there is room.
void Stepper::join(Level level) {
  if (const auto* map = std::get_if<MapDetail>(&state(level).detail)) return join_map(level, *map);
  auto& children = thread(level).children;
  const bool all_done =
      std::all_of(children.begin(), children.end(), [](const Thread& each) { return each.phase == Phase::done; });
  if (!all_done) return;
  auto outputs = Json::array();
  for (const auto& child : children) outputs.push_back(child.input);
  work_done(level, std::move(outputs));
}

void Stepper::join_map(Level level, const MapDetail& map) {
  Reading reading(definition_, execution_, trail_, level);
  auto effective = effective_input(state(level), thread(level).input, reading);
  if (!effective) return raise(level, std::move(effective.error()));
  auto room = number_of(map.concurrency_max, *effective, reading);
  auto count = number_of(map.tolerated_count, *effective, reading);
  auto percentage = number_of(map.tolerated_percentage, *effective, reading);
  for (auto* number : {&room, &count, &percentage}) {
    if (!*number) return raise(level, std::move(number->error()));
  }
  auto& children = thread(level).children;
  const auto in_phase = [&](Phase phase) {
    return std::count_if(children.begin(), children.end(), [phase](const Thread& each) { return each.phase == phase; });
  };
  const auto failed = in_phase(Phase::failed);
  const auto total = static_cast<std::int64_t>(children.size());
  const bool too_many =
      (count->has_value() && static_cast<double>(failed) > **count) ||
      (percentage->has_value() && static_cast<double>(failed) * 100 > **percentage * static_cast<double>(total));
  if (too_many) {
    return raise(level, {"States.ExceedToleratedFailureThreshold", "More items failed than the Map tolerates."});
  }
  const auto ended = in_phase(Phase::done) + failed;
  auto running = total - ended - in_phase(Phase::pending);
  const auto limit = room->value_or(0) == 0 ? static_cast<double>(total) : **room;
  for (auto& child : children) {
    if (child.phase != Phase::pending || static_cast<double>(running) >= limit) continue;
    child.phase = Phase::ready;
    ++running;
  }
  if (ended < total) return;
  auto outputs = Json::array();
  for (const auto& child : children) {
    if (child.phase == Phase::done) outputs.push_back(child.input);
  }
  work_done(level, std::move(outputs));
}

}  // namespace ow::states
