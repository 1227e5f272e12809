// Port: where code runs. One loop thread runs all of the program's coroutines; blocking or long work goes to
// a lane. The simulator owns the ready queue and picks by seed; there a submitted job is one scheduled step.
#pragma once

#include <functional>

#include "base/instant.h"
#include "base/result.h"
#include "base/task.h"

namespace ow::platform {

using Job = std::function<void()>;

/// A serial background thread with a first-in first-out queue, each for one kind of blocking work.
enum class Lane {
  commit,    // the engine's committer: the only writer of the store
  read,      // reads that were not in memory
  password,  // argon2id
  render,    // PDF and other long computation
  backup,    // copying and checksumming snapshots
};

class Executor {
 public:
  virtual ~Executor() = default;

  /// Runs the job on the loop thread, later. Any thread. Jobs posted by one thread keep their order.
  virtual void post(Job job) = 0;

  /// Runs the job on the lane's thread, in order of submission. Any thread.
  virtual void submit(Lane lane, Job job) = 0;

  /// Waits until the monotonic clock (Clock::ticks) reaches `due`. False when request_stop() ended the
  /// wait early. Loop thread.
  virtual base::Task<bool> sleep_until(base::Duration due) = 0;

  /// Starts a task that nobody awaits and owns it until it ends; shutdown waits for it. An exception that
  /// leaves it is a broken invariant. Loop thread.
  virtual void spawn(base::Task<void> task) = 0;

  /// Asks everything to finish: sleeps end, loops leave. The executor's run ends when all spawned tasks
  /// have. Any thread, idempotent.
  virtual void request_stop() = 0;
  virtual bool stopping() const = 0;
};

/// Runs `job` on the lane and resumes on the loop. The job must not throw. Executor must outlive the task.
base::Task<void> offload(Executor& executor, Lane lane, Job job);

}  // namespace ow::platform
