// The thread of one lane: runs jobs one after the other in order of submission. Started by the first job.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "platform/executor.h"

namespace ow::local {

/// Of threads whose work may wait: about a third of the share that others get where they compete (nice(2)). Not less,
/// or they would hold up those who wait for them in the end.
inline constexpr int kBackgroundNiceness = 5;

class LaneThread {
 public:
  explicit LaneThread(int niceness = 0) : niceness_(niceness) {}
  ~LaneThread() { finish(); }
  LaneThread(const LaneThread&) = delete;
  LaneThread& operator=(const LaneThread&) = delete;

  /// Any thread.
  void submit(platform::Job job);
  /// Runs what was submitted, then joins; nothing may be submitted after it. Not on the lane itself.
  void finish();

 private:
  void run();
  /// The jobs that gathered while the last ones ran; none when the lane ends.
  std::vector<platform::Job> next_jobs();

  const int niceness_;
  std::mutex mutex_;
  std::condition_variable gathered_;
  std::vector<platform::Job> jobs_;
  bool ending_ = false;
  std::thread thread_;
};

/// Runs `job` on a lane of its owner and resumes on the loop. The job must not throw; `executor` outlives the
/// lane.
base::Task<void> offload(platform::Executor& executor, LaneThread& lane, platform::Job job);

}  // namespace ow::local
