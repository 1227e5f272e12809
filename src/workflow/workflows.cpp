// See workflows.h.
#include "workflow/workflows.h"

#include <map>

#include "base/bounds.h"
#include "workflow/definition.h"
#include "workflow/transition.h"

namespace ow::workflow {
namespace {

using base::fail;
using base::Result;
using base::Task;
using platform::Commit;
using platform::Delivery;

using Definitions = std::map<std::string, std::shared_ptr<const Definition>, std::less<>>;

struct StoredExecution {
  Execution execution;
  platform::Version version = 0;
};

/// Nothing when there is none.
Task<Result<std::optional<StoredExecution>>> load(platform::Store& store, base::ExecutionId id) {
  auto record = co_await platform::get_one(store, execution_key(id));
  if (!record) co_return fail(std::move(record.error()));
  if (!*record) co_return std::nullopt;
  auto json = base::parse_json((*record)->value);
  auto execution = json ? execution_from_json(*json) : fail(std::move(json.error()));
  if (!execution) co_return fail(std::move(execution.error()));
  co_return StoredExecution{std::move(*execution), (*record)->version};
}

ExecutionView view_of(Execution execution) {
  return {base::ExecutionId(std::move(execution.id)),
          std::move(execution.definition),
          execution.status,
          std::move(execution.root.state),
          std::move(execution.output),
          std::move(execution.error),
          std::move(execution.cause),
          execution.started,
          execution.changed};
}

}  // namespace

struct Workflows::Impl {
  platform::ConsumerPorts ports;
  TaskRegistry tasks;
  Definitions definitions;

  Result<std::shared_ptr<const Definition>> definition(const std::string& name) const;
  Task<Result<Commit>> handle(Delivery delivery);
};

Result<std::shared_ptr<const Definition>> Workflows::Impl::definition(const std::string& name) const {
  const auto found = definitions.find(name);
  if (found != definitions.end()) return found->second;
  return fail(base::ErrorCode::internal, "definition_unknown", "There is no workflow definition '" + name + "'.");
}

Task<Result<Commit>> Workflows::Impl::handle(Delivery delivery) {
  auto message = parse_body(delivery.body);
  if (!message) co_return fail(std::move(message.error()));
  auto stored = co_await load(ports.store, base::ExecutionId(delivery.group));
  if (!stored) co_return fail(std::move(stored.error()));
  const bool starts = message->kind == TransitionMessage::Kind::start;
  if (starts == stored->has_value()) co_return Commit();
  const auto& name = starts ? message->definition : (*stored)->execution.definition;
  auto known = definition(name);
  if (!known) co_return fail(std::move(known.error()));
  StoredExecution current;
  if (starts) {
    current.execution = begin_execution(**known, delivery.group, std::move(message->input), message->at);
    current.execution.definition = name;
  } else {
    current = std::move(**stored);
  }
  Transition transition(ports, tasks, std::move(*known), std::move(current.execution), current.version,
                        std::move(delivery.traceparent));
  co_return co_await transition.run(std::move(*message));
}

Workflows::Workflows(platform::ConsumerPorts ports, TaskRegistry tasks)
    : impl_(new Impl{ports, std::move(tasks), {}}) {}

Workflows::~Workflows() = default;

Result<void> Workflows::define(std::string name, std::string_view definition_text) {
  auto definition = Definition::parse(definition_text);
  if (!definition) return fail(std::move(definition.error()));
  std::vector<std::string> violations;
  (*definition)->each_task([&](const State& state, const TaskDetail& task) {
    if (impl_->tasks.contains(task.resource)) return;
    violations.push_back("States." + state.name + ".Resource names '" + task.resource + "', which is no task");
  });
  if (!violations.empty()) {
    return fail(base::Error{base::ErrorCode::malformed, "invalid_definition", violations.front(), violations});
  }
  impl_->definitions.insert_or_assign(std::move(name), std::move(*definition));
  return {};
}

Commit Workflows::start(base::ExecutionId id, std::string_view definition, base::Json input, base::Instant now,
                        std::string traceparent) const {
  OW_ASSERT(impl_->definitions.contains(definition), "a workflow that starts is defined");
  TransitionMessage message{.kind = TransitionMessage::Kind::start,
                            .definition = std::string(definition),
                            .input = std::move(input),
                            .at = now};
  Commit commit;
  commit.send(out_message(id, "start", message, std::move(traceparent)));
  return commit;
}

Commit Workflows::nudge(base::ExecutionId id, std::string_view cause_id) const {
  Commit commit;
  commit.send(out_message(id, "nudge/" + std::string(cause_id), {.kind = TransitionMessage::Kind::nudge}, ""));
  return commit;
}

platform::ConsumerSpec Workflows::consumer() {
  return {std::string(kTransitionQueue), base::bounds::kTransitionsInFlightMax,
          [impl = impl_.get()](Delivery delivery) { return impl->handle(std::move(delivery)); }};
}

Task<Result<std::optional<ExecutionView>>> Workflows::find(base::ExecutionId id) {
  auto stored = co_await load(impl_->ports.store, std::move(id));
  if (!stored) co_return fail(std::move(stored.error()));
  if (!*stored) co_return std::nullopt;
  co_return view_of(std::move((*stored)->execution));
}

Task<Result<Commit>> Workflows::resume(base::ExecutionId id, std::string_view cause_id) {
  const auto tail = "resume/" + std::string(cause_id);
  auto stored = co_await load(impl_->ports.store, id);
  if (!stored) co_return fail(std::move(stored.error()));
  if (!*stored) co_return fail(base::ErrorCode::not_found, "execution_not_found", "There is no execution " + id.text + ".");
  if ((*stored)->execution.status != ExecutionStatus::parked) {
    co_return fail(base::ErrorCode::conflict, "execution_not_parked", "The execution " + id.text + " is not parked.");
  }
  Commit commit;
  commit.send(out_message(id, tail, {.kind = TransitionMessage::Kind::resume}, ""));
  co_return commit;
}

}  // namespace ow::workflow
