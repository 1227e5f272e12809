// See workflows.h.
#include "workflow/workflows.h"

#include <array>

#include "base/bounds.h"
#include "base/encoding.h"
#include "workflow/transition.h"
#include "workflow/upkeep.h"

namespace ow::workflow {
namespace {

constexpr std::size_t kSecretBytes = 16;

using base::fail;
using base::Result;
using base::Task;
using platform::Commit;
using platform::Delivery;

ExecutionView view_of(Execution execution) {
  return {base::ExecutionId(std::move(execution.id)),
          std::move(execution.definition),
          execution.version,
          execution.status,
          std::move(execution.root.state),
          std::move(execution.output),
          std::move(execution.error),
          std::move(execution.cause),
          execution.started,
          execution.changed};
}

}  // namespace

std::vector<platform::QueueSpec> workflow_queues() {
  const auto queue = [](std::string_view name) {
    return platform::QueueSpec{.name = std::string(name),
                               .kind = platform::QueueKind::ordered,
                               .visibility = bounds::kTransitionVisibility,
                               .receive_limit = bounds::kTransitionReceivesMax};
  };
  return {queue(kTransitionQueue), queue(kDueQueue)};
}

struct Workflows::Impl {
  platform::ConsumerPorts ports;
  TaskRegistry tasks;
  base::Duration kept;
  DefinitionBook book{ports.store, ports.clock, ports.telemetry, tasks};
  ExecutionControl control{ports.store, ports.clock, book, kept};
  Gate gate{ports.store, ports.executor, ports.clock};
  Upkeep upkeep{ports, book, control};

  platform::ConsumerSpec consumer(std::string_view queue, std::size_t parallel_max);
  Task<Result<Commit>> handle(Delivery delivery);
  Task<Result<Commit>> begin(Delivery delivery, TransitionMessage message);
  Task<Result<Commit>> go_on(Delivery delivery, TransitionMessage message, StoredExecution stored);
  Task<Result<Commit>> transit(Delivery delivery, TransitionMessage message, StoredExecution stored,
                               std::shared_ptr<const states::Definition> definition);
};

platform::ConsumerSpec Workflows::Impl::consumer(std::string_view queue, std::size_t parallel_max) {
  return {.queue = std::string(queue),
          .parallel_max = parallel_max,
          .handle = [this](Delivery delivery) { return handle(std::move(delivery)); },
          .admits = [this](std::size_t wanted) { return gate.admit(wanted); }};
}

Task<Result<Commit>> Workflows::Impl::handle(Delivery delivery) {
  // A receive that waited while the gate closed.
  if (gate.state().closed)
    co_return fail(base::ErrorCode::unavailable, "workflows_paused", "All executions are paused.");
  auto message = parse_body(delivery.body);
  if (!message) co_return fail(std::move(message.error()));
  auto stored = co_await load_execution(ports.store, base::ExecutionId(delivery.group));
  if (!stored) co_return fail(std::move(stored.error()));
  const bool starts = message->kind == TransitionMessage::Kind::start;
  if (starts == stored->has_value()) co_return Commit();
  if (starts) co_return co_await begin(std::move(delivery), std::move(*message));
  co_return co_await go_on(std::move(delivery), std::move(*message), std::move(**stored));
}

Task<Result<Commit>> Workflows::Impl::begin(Delivery delivery, TransitionMessage message) {
  auto chosen = co_await book.choose(message.definition, delivery.group);
  if (!chosen) co_return fail(std::move(chosen.error()));
  StoredExecution fresh;
  fresh.execution =
      Execution{states::begin_execution(*chosen->definition, delivery.group, std::move(message.input), message.at)};
  fresh.execution.definition = message.definition;
  fresh.execution.version = chosen->version;
  if (chosen->definition->uses_callbacks) {
    std::array<std::uint8_t, kSecretBytes> secret{};
    ports.random.fill(secret);
    fresh.execution.secret = base::to_hex({reinterpret_cast<const char*>(secret.data()), secret.size()});
  }
  co_return co_await transit(std::move(delivery), std::move(message), std::move(fresh), std::move(chosen->definition));
}

Task<Result<Commit>> Workflows::Impl::go_on(Delivery delivery, TransitionMessage message, StoredExecution stored) {
  const bool stale = message.kind == TransitionMessage::Kind::step && message.step != stored.execution.step;
  if (stale || states::is_finished(stored.execution.status)) co_return Commit();
  auto definition = co_await book.find(stored.execution.definition, stored.execution.version);
  if (!definition) co_return fail(std::move(definition.error()));
  co_return co_await transit(std::move(delivery), std::move(message), std::move(stored), std::move(*definition));
}

/// A pause of the definition is looked up anew before anything is held for it, and the hold depends on it.
Task<Result<Commit>> Workflows::Impl::transit(Delivery delivery, TransitionMessage message, StoredExecution stored,
                                              std::shared_ptr<const states::Definition> definition) {
  if (!stored.execution.pause) {
    auto routing = co_await book.routing(stored.execution.definition);
    if (routing && *routing && (*routing)->paused) routing = co_await book.routing(stored.execution.definition, true);
    if (!routing) co_return fail(std::move(routing.error()));
    if (*routing && (*routing)->paused) {
      const bool nudged = message.kind == TransitionMessage::Kind::nudge;
      co_return control.hold(std::move(stored), std::move(definition), **routing, nudged);
    }
  }
  Transition transition(ports, tasks, std::move(definition), std::move(stored.execution), stored.version,
                        std::move(delivery.traceparent), kept);
  co_return co_await transition.run(std::move(message));
}

Workflows::Workflows(platform::ConsumerPorts ports, TaskRegistry tasks, base::Duration kept)
    : impl_(new Impl{ports, std::move(tasks), kept}) {}

Workflows::~Workflows() = default;

Result<void> Workflows::define(std::string name, std::string_view definition_text) {
  return impl_->book.add_built_in(std::move(name), definition_text);
}

Task<Result<void>> Workflows::publish() { return impl_->book.publish(); }

DefinitionBook& Workflows::definitions() { return impl_->book; }

ExecutionControl& Workflows::control() { return impl_->control; }

Gate& Workflows::gate() { return impl_->gate; }

Task<void> Workflows::run_upkeep() { return impl_->upkeep.run(); }

void Workflows::look_for_held() { impl_->upkeep.look_now(); }

Commit Workflows::start(base::ExecutionId id, std::string_view definition, base::Json input, base::Instant now,
                        std::string traceparent) const {
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

std::vector<platform::ConsumerSpec> Workflows::consumers() {
  return {impl_->consumer(kTransitionQueue, base::bounds::kTransitionsInFlightMax),
          impl_->consumer(kDueQueue, bounds::kDueInFlightMax)};
}

Task<Result<std::optional<ExecutionView>>> Workflows::find(base::ExecutionId id) {
  auto stored = co_await load_execution(impl_->ports.store, std::move(id));
  if (!stored) co_return fail(std::move(stored.error()));
  if (!*stored) co_return std::nullopt;
  co_return view_of(std::move((*stored)->execution));
}

}  // namespace ow::workflow
