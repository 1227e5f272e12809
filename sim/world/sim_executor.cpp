// See sim_executor.h.
#include "sim/world/sim_executor.h"

#include <algorithm>
#include <coroutine>

namespace ow::sim {

using base::Duration;
using base::Task;
using platform::Job;
using platform::Lane;

namespace {

/// Starts a task that nobody awaits: it runs to its first wait.
void start(const Task<void>& task) {
  const auto awaiter = task.operator co_await();
  awaiter.await_suspend(std::noop_coroutine()).resume();
}

}  // namespace

SimExecutor::SimExecutor(SimScheduler& scheduler) : scheduler_(scheduler) { scheduler_.processes_.push_back(this); }

SimExecutor::~SimExecutor() {
  dying_ = true;
  std::erase(scheduler_.processes_, this);
  while (!spawned_.empty()) spawned_.pop_back();
}

void SimExecutor::post(Job job) {
  if (!dying_) posts_[running_on_].push_back(std::move(job));
}

void SimExecutor::submit(Lane lane, Job job) {
  if (!dying_) lane_jobs_[static_cast<std::size_t>(lane)].push_back(std::move(job));
}

void SimExecutor::arrive_after(Duration delay, Job job) {
  if (!dying_) timed_.emplace(scheduler_.clock().ticks() + delay, Timed{nullptr, std::move(job)});
}

Task<bool> SimExecutor::sleep_until(Duration due) {
  if (stopping_) co_return false;
  // Shared with the frame: whoever destroys the frame early takes its waiter out of the world.
  struct Guard {
    std::shared_ptr<Sleeper> sleeper;
    ~Guard() { sleeper->abandoned = true; }
  };
  const Guard guard{std::make_shared<Sleeper>()};
  if (!dying_) timed_.emplace(due, Timed{guard.sleeper, {}});
  co_return co_await guard.sleeper->done;
}

Task<void> SimExecutor::own(Task<void> task, std::list<Task<void>>::iterator self) {
  bool ended = false;
  try {
    co_await task;
    ended = true;
  } catch (...) {  // asserted below, outside of the handler
  }
  OW_ASSERT(ended, "no exception leaves a spawned task");
  ended_.splice(ended_.end(), spawned_, self);
}

void SimExecutor::spawn(Task<void> task) {
  if (dying_) return;
  spawned_.emplace_back();
  const auto self = std::prev(spawned_.end());
  *self = own(std::move(task), self);
  posts_[running_on_].push_back([self] { start(*self); });
}

void SimExecutor::request_stop() {
  stopping_ = true;
  for (auto entry = timed_.begin(); entry != timed_.end();) {
    auto& sleeper = entry->second.sleeper;
    if (sleeper) resume(std::move(sleeper), false);
    entry = entry->second.job ? std::next(entry) : timed_.erase(entry);
  }
}

void SimExecutor::resume(std::shared_ptr<Sleeper> sleeper, bool slept) {
  arrivals_.push_back([sleeper = std::move(sleeper), slept] {
    if (!sleeper->abandoned) sleeper->done.complete(slept);
  });
}

void SimExecutor::wake_due(Duration now) {
  while (!timed_.empty() && timed_.begin()->first <= now) {
    Timed timed = std::move(timed_.extract(timed_.begin()).mapped());
    if (timed.sleeper) {
      resume(std::move(timed.sleeper), true);
    } else {
      arrivals_.push_back(std::move(timed.job));
    }
  }
}

std::optional<Duration> SimExecutor::next_due() {
  const auto gone = [](const Timed& timed) { return timed.sleeper && timed.sleeper->abandoned; };
  while (!timed_.empty() && gone(timed_.begin()->second)) timed_.erase(timed_.begin());
  if (halted_ || timed_.empty()) return std::nullopt;
  return timed_.begin()->first;
}

std::size_t SimExecutor::choices() const {
  if (halted_) return 0;
  const auto filled = [](const Stream& stream) { return !stream.empty(); };
  return arrivals_.size() + static_cast<std::size_t>(std::count_if(posts_.begin(), posts_.end(), filled) +
                                                     std::count_if(lane_jobs_.begin(), lane_jobs_.end(), filled));
}

Job SimExecutor::take(std::size_t choice) {
  const auto from = [&](Stream& stream, std::size_t thread) -> Job {
    running_on_ = thread;
    Job job = std::move(stream.front());
    stream.pop_front();
    return job;
  };
  for (auto& stream : posts_) {
    if (!stream.empty() && choice-- == 0) return from(stream, kLoop);
  }
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (!lane_jobs_[lane].empty() && choice-- == 0) return from(lane_jobs_[lane], lane);
  }
  std::swap(arrivals_[choice], arrivals_.back());
  Job job = std::move(arrivals_.back());
  arrivals_.pop_back();
  return job;
}

void SimExecutor::run(Job job) {
  job();
  job = nullptr;  // what it holds goes within its own step
  running_on_ = kLoop;
  ended_.clear();
}

}  // namespace ow::sim
