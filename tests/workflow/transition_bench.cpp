// See transition_bench.h.
#include "workflow/transition_bench.h"

#include <gtest/gtest.h>

namespace ow::workflow_test {

using base::Result;
using base::Task;
using platform::Commit;
using platform::CommitOutcome;

Task<Result<std::vector<platform::RecordPtr>>> BenchStore::get(std::vector<platform::Key> keys) {
  std::vector<platform::RecordPtr> found;
  for (const auto& key : keys) {
    const auto at = records.find(key);
    found.push_back(at == records.end() ? nullptr : std::make_shared<platform::Record>(at->second));
  }
  co_return found;
}

Task<Result<std::vector<std::optional<platform::Counter>>>> BenchStore::counters(std::vector<platform::Key> keys) {
  co_return std::vector<std::optional<platform::Counter>>(keys.size());
}

Task<Result<platform::Page>> BenchStore::query(platform::Query) { co_return platform::Page(); }

Task<Result<CommitOutcome>> BenchStore::commit(Commit commit) {
  if (auto problem = commit.problem()) co_return base::fail(base::ErrorCode::malformed, "invalid_commit", *problem);
  for (const auto& [key, write] : commit.writes()) {
    const auto at = records.find(key);
    const auto version = at == records.end() ? 0 : at->second.version;
    const bool absent = write.expect.kind == platform::Expect::Kind::absent;
    const bool exact = write.expect.kind == platform::Expect::Kind::version;
    const bool exists = write.expect.kind == platform::Expect::Kind::exists;
    if ((absent && version != 0) || (exists && version == 0) || (exact && version != write.expect.version)) {
      co_return CommitOutcome{CommitOutcome::Kind::conflict, {platform::Conflict::Part::record, key, {}}};
    }
  }
  apply(commit);
  commits.push_back(std::move(commit));
  co_return CommitOutcome{};
}

void BenchStore::apply(const Commit& commit) {
  for (const auto& [key, write] : commit.writes()) {
    if (write.condition_only) continue;
    records.erase(key);
    if (!write.record) continue;
    auto& stored = records[key] = *write.record;
    stored.version = ++last_version_;
  }
  for (const auto& [name, timer] : commit.timers()) {
    timers.erase(name);
    if (timer) timers.emplace(name, *timer);
  }
  for (const auto& message : commit.messages()) send(message);
  events.insert(events.end(), commit.events().begin(), commit.events().end());
}

void BenchStore::send(const platform::OutMessage& message) {
  if (sent_.insert(message.id.text).second) messages.push_back(message);
}

TransitionBench::TransitionBench(workflow::TaskRegistry tasks, base::Duration kept)
    : workflows({process.executor, *this, store, world.clock, process.random, machine.telemetry}, std::move(tasks),
                kept) {}

void TransitionBench::define(const std::string& name, const std::string& text) {
  const auto defined = workflows.define(name, text);
  ASSERT_TRUE(defined.has_value()) << defined.error().message;
}

void TransitionBench::put(Commit commit) {
  const auto outcome = run_now(store.commit(std::move(commit)));
  ASSERT_TRUE(outcome && outcome->committed());
}

void TransitionBench::start(const std::string& id, const std::string& definition, base::Json input) {
  put(workflows.start(base::ExecutionId(id), definition, std::move(input), world.clock.now(), "trace-" + id));
}

Result<Commit> TransitionBench::handle(const platform::OutMessage& message) {
  platform::Delivery delivery;
  delivery.queue = message.queue;
  delivery.id = message.id;
  delivery.group = message.group;
  delivery.body = message.body;
  delivery.traceparent = message.traceparent;
  return run_now(workflows.consumers().front().handle(std::move(delivery)));
}

bool TransitionBench::fire_timer() {
  auto next = store.timers.begin();
  for (auto at = store.timers.begin(); at != store.timers.end(); ++at) {
    if (at->second.due < next->second.due) next = at;
  }
  if (next == store.timers.end()) return false;
  if (next->second.due > world.clock.now()) world.clock.advance(next->second.due - world.clock.now());
  store.messages.push_back(next->second.message);
  store.timers.erase(next);
  return true;
}

bool TransitionBench::step(Fate fate) {
  if (store.messages.empty() && !fire_timer()) return false;
  const auto message = store.messages.front();
  auto commit = handle(message);
  if (!commit) errors.push_back(commit.error());
  if (!commit || fate == Fate::lost) return true;
  const auto outcome = run_now(store.commit(std::move(*commit)));
  EXPECT_TRUE(outcome && outcome->committed());
  store.messages.pop_front();
  if (fate == Fate::repeated) {
    const auto again = handle(message);
    EXPECT_TRUE(again && again->empty()) << "a message that was consumed changed something";
  }
  return true;
}

void TransitionBench::run() {
  for (int taken = 0; step(); ++taken) ASSERT_LT(taken, 1000) << "the execution does not end";
}

workflow::ExecutionView TransitionBench::view(const std::string& id) {
  auto found = run_now(workflows.find(base::ExecutionId(id)));
  EXPECT_TRUE(found && *found);
  return found && *found ? std::move(**found) : workflow::ExecutionView();
}

double TransitionBench::seconds() const { return std::chrono::duration<double>(world.clock.ticks()).count(); }

Task<Result<std::vector<platform::Delivery>>> TransitionBench::receive(platform::ReceiveRequest) {
  co_return std::vector<platform::Delivery>();
}
Task<Result<void>> TransitionBench::extend(platform::Delivery, base::Duration) { co_return Result<void>(); }
Task<Result<void>> TransitionBench::release(platform::Delivery, base::Duration) { co_return Result<void>(); }

}  // namespace ow::workflow_test
