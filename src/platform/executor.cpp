// See executor.h.
#include "platform/executor.h"

#include <memory>

namespace ow::platform {

base::Task<void> offload(Executor& executor, Lane lane, Job job) {
  // Shared, not in the frame: a simulated crash may destroy the frame while the lane still holds the job.
  auto done = std::make_shared<base::Completion<bool>>();
  executor.submit(lane, [&executor, done, job = std::move(job)] {
    job();
    executor.post([done] { done->complete(true); });
  });
  co_await *done;
}

}  // namespace ow::platform
