// See data_flow.h.
#include "states/data_flow.h"

namespace ow::states {
namespace {

using base::Json;

Evaluated<Json> through(const PathMember& member, Json value, Reading& reading) {
  if (member.discard) return Json::object();
  if (!member.path) return value;
  return member.path->read(reading.of(value));
}

Evaluated<Json> place(const PathMember& member, const Json& raw, Json result) {
  if (member.discard) return raw;
  if (!member.path) return result;
  return member.path->write(raw, std::move(result));
}

Evaluated<Json> fill(const std::optional<Template>& filled, const Json& input, Reading& reading) {
  return filled ? filled->evaluate(reading.of(input)) : Evaluated<Json>(Json());
}

/// A number, also in a text: the service reads MaxConcurrencyPath so.
std::optional<double> number_in(const Json& value, bool whole) {
  const auto parsed = value.is_string() ? base::parse_json(value.as_string()) : base::Result<Json>(value);
  if (!parsed || !parsed->is_number()) return std::nullopt;
  const auto& number = parsed->as_number();
  if (whole && !number.integer()) return std::nullopt;
  return number.to_double();
}

}  // namespace

Evaluated<Json> effective_input(const State& state, const Json& raw, Reading& reading) {
  return through(state.input_path, raw, reading);
}

Evaluated<Json> work_input(const State& state, const Json& raw, Reading& reading) {
  auto effective = effective_input(state, raw, reading);
  if (!effective || !state.parameters) return effective;
  return state.parameters->evaluate(reading.of(*effective));
}

Evaluated<StateResult> finish_work(const State& state, const Json& raw, Json result, Reading& reading) {
  if (state.result_selector) {
    auto selected = state.result_selector->evaluate(reading.of(result));
    if (!selected) return tl::unexpected(std::move(selected.error()));
    result = std::move(*selected);
  }
  auto assigned = fill(state.assign, result, reading);
  if (!assigned) return tl::unexpected(std::move(assigned.error()));
  auto placed = place(state.result_path, raw, std::move(result));
  if (!placed) return tl::unexpected(std::move(placed.error()));
  auto output = through(state.output_path, std::move(*placed), reading);
  if (!output) return tl::unexpected(std::move(output.error()));
  return StateResult{std::move(*output), std::move(*assigned)};
}

Evaluated<StateResult> finish_look(const State& state, Json effective, const std::optional<Template>& assign,
                                   Reading& reading) {
  auto assigned = fill(assign, effective, reading);
  if (!assigned) return tl::unexpected(std::move(assigned.error()));
  auto output = through(state.output_path, std::move(effective), reading);
  if (!output) return tl::unexpected(std::move(output.error()));
  return StateResult{std::move(*output), std::move(*assigned)};
}

Evaluated<StateResult> finish_caught(const Catcher& catcher, const Json& raw, const TaskFailure& failure,
                                     Reading& reading) {
  auto error = Json::object({{"Error", failure.error}, {"Cause", failure.cause}});
  auto assigned = fill(catcher.assign, error, reading);
  if (!assigned) return tl::unexpected(std::move(assigned.error()));
  auto output = place(catcher.result_path, raw, std::move(error));
  if (!output) return tl::unexpected(std::move(output.error()));
  return StateResult{std::move(*output), std::move(*assigned)};
}

Evaluated<std::optional<double>> number_of(const NumberMember& member, const Json& effective, Reading& reading) {
  if (!member.path) return member.value;
  auto value = member.path->read(reading.of(effective));
  if (!value) return tl::unexpected(std::move(value.error()));
  const auto number = number_in(*value, member.whole);
  if (!number || *number < 0 || (!member.whole && *number > 100)) {
    return failing(kRuntimeError, "The path '" + member.path->text() + "' does not yield a number that fits here.");
  }
  return number;
}

Evaluated<TaskLimits> task_limits(const TaskDetail& task, const Thread& thread, Reading& reading) {
  auto timeout = number_of(task.timeout, thread.input, reading);
  if (!timeout) return tl::unexpected(std::move(timeout.error()));
  auto heartbeat = number_of(task.heartbeat, thread.input, reading);
  if (!heartbeat) return tl::unexpected(std::move(heartbeat.error()));
  TaskLimits limits;
  if (*timeout) limits.timeout = thread.begun + seconds_span(**timeout);
  if (*heartbeat) limits.heartbeat = std::max(thread.begun, thread.beaten) + seconds_span(**heartbeat);
  return limits;
}

}  // namespace ow::states
