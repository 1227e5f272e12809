// See execution_control.h. Lists are in execution_list.cpp.
#include "workflow/execution_control.h"

#include <fmt/format.h>

#include "states/compatibility.h"
#include "states/task_token.h"

namespace ow::workflow {
namespace {

using base::ErrorCode;
using base::fail;
using base::Result;
using base::Task;
using platform::Commit;

constexpr const char* kStoppedError = "Execution.Stopped";

auto refuse(std::string reason, std::string message) {
  return fail(ErrorCode::conflict, std::move(reason), std::move(message));
}

bool can_be_redriven(states::ExecutionStatus status) {
  return status == states::ExecutionStatus::failed || status == states::ExecutionStatus::stopped ||
         status == states::ExecutionStatus::parked;
}

states::Event event_of(CallbackAnswer answer, states::Position at) {
  states::Event event{.at = std::move(at)};
  switch (answer.kind) {
    case CallbackAnswer::Kind::success:
      event.kind = states::Event::Kind::returned;
      event.output = std::move(answer.output);
      break;
    case CallbackAnswer::Kind::failure:
      event.kind = states::Event::Kind::threw;
      event.failure = std::move(answer.failure);
      break;
    case CallbackAnswer::Kind::heartbeat:
      event.kind = states::Event::Kind::beaten;
      break;
  }
  return event;
}

}  // namespace

Task<Result<StoredExecution>> ExecutionControl::get(base::ExecutionId id) {
  auto stored = co_await load_execution(store_, id);
  if (!stored) co_return fail(std::move(stored.error()));
  if (!*stored) co_return fail(ErrorCode::not_found, "execution_not_found", "There is no execution " + id.text + ".");
  co_return std::move(**stored);
}

Task<Result<std::unique_ptr<ExecutionEdit>>> ExecutionControl::edit(base::ExecutionId id) {
  auto stored = co_await get(std::move(id));
  if (!stored) co_return fail(std::move(stored.error()));
  auto definition = co_await definitions_.find(stored->execution.definition, stored->execution.version);
  if (!definition) co_return fail(std::move(definition.error()));
  co_return std::make_unique<ExecutionEdit>(clock_, std::move(*definition), std::move(stored->execution),
                                            stored->version, "", kept_, true);
}

Task<Result<Commit>> ExecutionControl::stop(base::ExecutionId id, Actor actor) {
  auto edited = co_await edit(std::move(id));
  if (!edited) co_return fail(std::move(edited.error()));
  auto& execution = (*edited)->execution();
  if (states::is_finished(execution.status)) {
    co_return refuse("execution_has_ended", fmt::format("The execution is {} already.", to_text(execution.status)));
  }
  execution.pause.reset();
  (*edited)->apply({.kind = states::Event::Kind::stopped, .failure = {kStoppedError, actor.why}});
  (*edited)->mark("stopped", actor.by, actor.why);
  co_return (*edited)->finish();
}

Task<Result<Commit>> ExecutionControl::pause(base::ExecutionId id, Actor actor) {
  auto edited = co_await edit(std::move(id));
  if (!edited) co_return fail(std::move(edited.error()));
  auto& execution = (*edited)->execution();
  if (states::is_finished(execution.status)) {
    co_return refuse("execution_has_ended", fmt::format("The execution is {} already.", to_text(execution.status)));
  }
  if (execution.pause && !execution.pause->of_definition)
    co_return refuse("execution_is_paused", "The execution is paused already.");
  const bool nudged = execution.pause && execution.pause->nudged;
  const auto at = execution.pause ? execution.pause->at : clock_.now();
  execution.pause = Pause{actor.by, actor.why, at, false, nudged};
  (*edited)->mark("paused", actor.by, actor.why);
  co_return (*edited)->finish();
}

/// Ends the pause: clocks go on, and a wait that was to be cut short is.
void ExecutionControl::go_on(ExecutionEdit& edit) const {
  auto& execution = edit.execution();
  const auto pause = *execution.pause;
  execution.pause.reset();
  states::shift_clocks(execution, clock_.now() - pause.at);
  if (!pause.nudged) return;
  auto action = states::next_action(edit.definition(), execution);
  if (action.kind == states::Action::Kind::wait && !action.awaits_callback)
    edit.apply({.kind = states::Event::Kind::due, .at = std::move(action.at)});
}

Task<Result<Commit>> ExecutionControl::resume(base::ExecutionId id, Actor actor) {
  auto edited = co_await edit(std::move(id));
  if (!edited) co_return fail(std::move(edited.error()));
  const auto& execution = (*edited)->execution();
  if (!execution.pause) co_return refuse("execution_is_not_paused", "The execution is not paused.");
  if (execution.pause->of_definition) {
    const auto routing = co_await definitions_.routing(execution.definition, true);
    if (!routing) co_return fail(routing.error());
    if (*routing && (*routing)->paused) {
      co_return refuse("definition_is_paused", "The definition '" + execution.definition + "' is paused; resume that.");
    }
  }
  go_on(**edited);
  (*edited)->mark("resumed", actor.by, actor.why);
  co_return (*edited)->finish();
}

Task<Result<Commit>> ExecutionControl::redrive(base::ExecutionId id, std::optional<std::int64_t> version, Actor actor) {
  auto edited = co_await edit(std::move(id));
  if (!edited) co_return fail(std::move(edited.error()));
  auto& execution = (*edited)->execution();
  if (!can_be_redriven(execution.status)) {
    co_return refuse("execution_has_not_failed",
                     fmt::format("The execution is {}; only what failed, was stopped or is parked can be redriven.",
                                 listing_status(execution)));
  }
  auto target = co_await definitions_.find(execution.definition, version.value_or(execution.version));
  if (!target) co_return fail(std::move(target.error()));
  if (auto found = states::incompatibilities(**target, execution); !found.empty()) {
    co_return fail({ErrorCode::unprocessable, "incompatible_definition",
                    fmt::format("The execution cannot go on in version {}.", version.value_or(execution.version)),
                    std::move(found)});
  }
  (*edited)->follow(std::move(*target), version.value_or(execution.version));
  ++execution.redrives;
  const bool parked = execution.status == states::ExecutionStatus::parked;
  (*edited)->apply({.kind = parked ? states::Event::Kind::resumed : states::Event::Kind::redriven});
  (*edited)->mark("redriven", actor.by, actor.why);
  co_return (*edited)->finish();
}

Task<Result<Commit>> ExecutionControl::answer(std::string token, CallbackAnswer answer) {
  const auto unknown = [] {
    return fail(ErrorCode::not_found, "task_token_unknown", "This is no task token of this platform.");
  };
  const auto parsed = states::parse_task_token(token);
  if (!parsed) co_return unknown();
  auto edited = co_await edit(base::ExecutionId(parsed->execution));
  if (!edited && edited.error().code == ErrorCode::not_found) co_return unknown();
  if (!edited) co_return fail(std::move(edited.error()));
  const auto& execution = (*edited)->execution();
  if (!states::is_genuine(*parsed, execution)) co_return unknown();
  auto at = states::find_awaiting(execution.root, *parsed);
  if (states::is_finished(execution.status)) {
    co_return refuse("execution_has_ended", fmt::format("Too late: the execution is {}.", to_text(execution.status)));
  }
  if (!at) {
    co_return refuse("task_token_over",
                     "Too late: the attempt that this token was for was answered before or is out of time.");
  }
  (*edited)->apply(event_of(std::move(answer), std::move(*at)));
  co_return (*edited)->finish();
}

Commit ExecutionControl::hold(StoredExecution stored, std::shared_ptr<const states::Definition> definition,
                              const Routing& routing, bool nudged) const {
  stored.execution.pause = Pause{routing.paused->actor.by, routing.paused->actor.why, clock_.now(), true, nudged};
  ExecutionEdit edit(clock_, std::move(definition), std::move(stored.execution), stored.version, "", kept_, nudged);
  auto commit = edit.finish();
  commit.require(routing_key(routing.name), platform::Expect::at(routing.version));
  return commit;
}

Task<Result<Commit>> ExecutionControl::release(base::ExecutionId id) {
  auto edited = co_await edit(std::move(id));
  if (!edited) co_return fail(std::move(edited.error()));
  const auto& execution = (*edited)->execution();
  if (!execution.pause || !execution.pause->of_definition || states::is_finished(execution.status)) co_return Commit();
  go_on(**edited);
  co_return (*edited)->finish();
}

}  // namespace ow::workflow
