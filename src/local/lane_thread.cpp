// See lane_thread.h.
#include "local/lane_thread.h"

#include <sys/resource.h>
#include <unistd.h>

#include <memory>
#include <utility>

namespace ow::local {

void LaneThread::finish() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  gathered_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void LaneThread::submit(platform::Job job) {
  bool first = false;
  {
    std::lock_guard lock(mutex_);
    first = jobs_.empty();
    jobs_.push_back(std::move(job));
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  }
  if (first) gathered_.notify_one();
}

void LaneThread::run() {
  // Linux holds a niceness for each thread; that it cannot be had is no reason to stop.
  if (niceness_ != 0) static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness_));
  for (auto jobs = next_jobs(); !jobs.empty(); jobs = next_jobs()) {
    for (auto& job : jobs) {
      job();
      job = nullptr;  // what a job holds lives no longer than its turn
    }
  }
}

std::vector<platform::Job> LaneThread::next_jobs() {
  std::unique_lock lock(mutex_);
  gathered_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
  return std::exchange(jobs_, {});
}

base::Task<void> offload(platform::Executor& executor, LaneThread& lane, platform::Job job) {
  // Shared, not in the frame: a task that is destroyed leaves the lane its job.
  auto done = std::make_shared<base::Completion<bool>>();
  lane.submit([&executor, done, job = std::move(job)] {
    job();
    executor.post([done] { done->complete(true); });
  });
  co_await *done;
}

}  // namespace ow::local
