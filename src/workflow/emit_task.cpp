// See emit_task.h.
#include "workflow/emit_task.h"

#include <array>

namespace ow::workflow {
namespace {

using base::Json;
using base::Result;
using base::Task;

constexpr const char* kSource = "orderwright/workflow";
constexpr std::size_t kTypeCharsMax = 64;
/// A definition must not write into the history of an order, nor speak as an operator.
constexpr std::array<std::string_view, 8> kReserved = {"order.",    "payment.", "inventory.", "obligation.",
                                                       "operator.", "product.", "webhook.",   "receipt."};

std::string refusal(std::string_view type, const Json* data) {
  constexpr std::string_view kChars = "abcdefghijklmnopqrstuvwxyz0123456789._-";
  const bool named =
      !type.empty() && type.size() <= kTypeCharsMax && type.find_first_not_of(kChars) == std::string_view::npos;
  if (!named) return "type must have 1 to 64 of lower-case letters, digits, '.', '_' and '-'";
  for (const auto prefix : kReserved) {
    if (type.starts_with(prefix)) return "types that begin with '" + std::string(prefix) + "' are the platform's own";
  }
  if (data != nullptr && !data->is_object()) return "data must be an object";
  return {};
}

Task<Result<TaskOutcome>> emit(TaskInput input, const platform::Clock* clock) {
  const auto type = input.input.string_at("type").value_or("");
  const auto* data = input.input.find("data");
  TaskOutcome outcome;
  outcome.output = Json::object({{"type", type}});
  if (auto refused = refusal(type, data); !refused.empty()) {
    outcome.failure = states::TaskFailure{std::string(kEventRefused), std::move(refused)};
    co_return outcome;
  }
  outcome.commit.event({.subject = input.execution.text,
                        .type = std::string(type),
                        .source = kSource,
                        .data = to_text(data == nullptr ? Json::object() : *data),
                        .time = clock->now(),
                        .traceparent = input.traceparent});
  co_return outcome;
}

}  // namespace

TaskRegistry emit_tasks(const platform::Clock& clock) {
  return {{"events:emit", {[clock = &clock](TaskInput input) { return emit(std::move(input), clock); }}}};
}

}  // namespace ow::workflow
