// A store and one ordered queue in memory, taken message by message, so that a test can lose the answer of any
// commit, deliver any message again and look at every commit. One thread.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "platform/consumer.h"
#include "sim/world/world.h"
#include "workflow/workflows.h"

namespace ow::workflow_test {

/// Runs a task that never waits for anything.
template <typename T>
T run_now(base::Task<T> task) {
  const auto awaiter = task.operator co_await();
  awaiter.await_suspend(std::noop_coroutine()).resume();
  return awaiter.await_resume();
}

class BenchStore final : public platform::Store {
 public:
  base::Task<base::Result<std::vector<platform::RecordPtr>>> get(std::vector<platform::Key> keys) override;
  base::Task<base::Result<std::vector<std::optional<platform::Counter>>>> counters(
      std::vector<platform::Key> keys) override;
  base::Task<base::Result<platform::Page>> query(platform::Query query) override;
  base::Task<base::Result<platform::CommitOutcome>> commit(platform::Commit commit) override;

  std::map<platform::Key, platform::Record> records;
  std::map<std::string, platform::Timer> timers;
  std::deque<platform::OutMessage> messages;
  std::vector<platform::EventDraft> events;
  std::vector<platform::Commit> commits;

 private:
  void apply(const platform::Commit& commit);
  void send(const platform::OutMessage& message);

  std::set<std::string> sent_;
  platform::Version last_version_ = 0;
};

class TransitionBench : public platform::Queues {
 public:
  explicit TransitionBench(workflow::TaskRegistry tasks, base::Duration kept = base::bounds::kExecutionKept);

  void define(const std::string& name, const std::string& text);
  void start(const std::string& id, const std::string& definition, base::Json input);
  void put(platform::Commit commit);

  /// What happens to the next message.
  enum class Fate : std::uint8_t {
    handled,
    lost,      // the process dies before its commit; the message comes again
    repeated,  // handled, then delivered again although consumed
  };
  /// Takes one message, firing a timer when there is none. False when nothing is left to do.
  bool step(Fate fate = Fate::handled);
  /// Steps until nothing is left.
  void run();

  workflow::ExecutionView view(const std::string& id);
  /// Seconds since the bench was made.
  double seconds() const;
  void advance(base::Duration span) { world.clock.advance(span); }

  base::Task<base::Result<std::vector<platform::Delivery>>> receive(platform::ReceiveRequest request) override;
  base::Task<base::Result<void>> extend(platform::Delivery delivery, base::Duration visibility) override;
  base::Task<base::Result<void>> release(platform::Delivery delivery, base::Duration delay) override;

  sim::SimWorld world{7};
  sim::SimMachine machine{world, "platform"};
  sim::SimProcess process{world, machine};
  BenchStore store;
  std::vector<base::Error> errors;  // of handlers; their message comes again
  workflow::Workflows workflows;

 private:
  bool fire_timer();
  base::Result<platform::Commit> handle(const platform::OutMessage& message);
};

}  // namespace ow::workflow_test
