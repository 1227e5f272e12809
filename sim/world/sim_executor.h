// Executor of one simulated process. Destroying it is the end of the process: its tasks and jobs go without
// running, other processes of the scheduler live on. One thread.
//
// What a seed may reorder is what production may: posts of one thread keep their order, so do jobs of one
// lane; which thread comes next, and which of the due sleepers, is the scheduler's choice.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "platform/executor.h"
#include "sim/world/sim_scheduler.h"

namespace ow::sim {

class SimExecutor final : public platform::Executor {
 public:
  explicit SimExecutor(SimScheduler& scheduler);
  SimExecutor(const SimExecutor&) = delete;
  SimExecutor& operator=(const SimExecutor&) = delete;
  ~SimExecutor() override;

  void post(platform::Job job) override;
  void submit(platform::Lane lane, platform::Job job) override;
  base::Task<bool> sleep_until(base::Duration due) override;
  void spawn(base::Task<void> task) override;
  void request_stop() override;
  bool stopping() const override { return stopping_; }

  /// Ready after `delay`, then in no order with anything: an arrival from outside the process.
  void arrive_after(base::Duration delay, platform::Job job);

  /// Runs the world until one task of this process ended and gives what it returned; nothing when the world
  /// halted or fell idle first.
  template <typename T>
  std::optional<T> try_run(base::Task<T> task) {
    auto value = std::make_shared<std::optional<T>>();
    spawn(keep(std::move(task), value));
    scheduler_.run_until([&] { return value->has_value(); });
    return std::move(*value);
  }
  /// try_run() of a task that is known to end.
  template <typename T>
  T run(base::Task<T> task) {
    auto value = try_run(std::move(task));
    OW_ASSERT(value.has_value(), "the task ends before the simulated world halts or falls idle");
    return std::move(*value);
  }

  /// No further step is taken: the process is about to be killed. The current step ends as it would.
  void halt() { halted_ = true; }
  bool halted() const { return halted_; }
  /// Spawned tasks that have not ended.
  std::size_t spawned() const { return spawned_.size(); }
  SimScheduler& scheduler() { return scheduler_; }

 private:
  friend class SimScheduler;

  static constexpr std::size_t kLanes = 5;
  static constexpr std::size_t kLoop = kLanes;  // index of the loop's own posts
  using Stream = std::deque<platform::Job>;

  struct Sleeper {
    base::Completion<bool> done;
    bool abandoned = false;
  };
  struct Timed {
    std::shared_ptr<Sleeper> sleeper;  // a sleeper, else
    platform::Job job;                 // an arrival
  };

  template <typename T>
  static base::Task<void> keep(base::Task<T> task, std::shared_ptr<std::optional<T>> value) {
    value->emplace(co_await task);
  }

  base::Task<void> own(base::Task<void> task, std::list<base::Task<void>>::iterator self);
  std::size_t choices() const;
  platform::Job take(std::size_t choice);
  void run(platform::Job job);
  std::optional<base::Duration> next_due();
  void wake_due(base::Duration now);
  void resume(std::shared_ptr<Sleeper> sleeper, bool slept);

  SimScheduler& scheduler_;
  std::array<Stream, kLanes> lane_jobs_;
  std::array<Stream, kLanes + 1> posts_;  // by the thread that posted
  std::vector<platform::Job> arrivals_;
  std::multimap<base::Duration, Timed> timed_;
  std::list<base::Task<void>> spawned_;
  std::list<base::Task<void>> ended_;
  std::size_t running_on_ = kLoop;
  bool stopping_ = false;
  bool halted_ = false;
  bool dying_ = false;
};

}  // namespace ow::sim
