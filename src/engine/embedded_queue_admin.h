// QueueAdmin over the hub and the committer. Looking at messages reads the store, not the memory. Loop
// thread.
#pragma once

#include <vector>

#include "engine/queue_hub.h"
#include "engine/queue_look.h"
#include "platform/queue_admin.h"

namespace ow::engine {

class EmbeddedQueueAdmin final : public platform::QueueAdmin {
 public:
  EmbeddedQueueAdmin(QueueHub& hub, Committer& committer, Reader& reader, const platform::Clock& clock,
                     std::uint64_t epoch)
      : hub_(hub), committer_(committer), reader_(reader), clock_(clock), epoch_(epoch) {}

  base::Task<base::Result<void>> declare(platform::QueueSpec spec) override;
  base::Task<base::Result<std::vector<platform::QueueStatus>>> list() override;
  base::Task<base::Result<platform::MessagePage>> inspect(std::string queue, platform::MessageFilter filter) override;
  base::Task<base::Result<platform::CommitOutcome>> pause(std::string queue, bool paused,
                                                          platform::Commit with) override;

 private:
  base::Task<base::Result<void>> declare_one(platform::QueueSpec spec);
  platform::QueuedMessage shown(QueueState& queue, const Seen& seen) const;

  QueueHub& hub_;
  Committer& committer_;
  Reader& reader_;
  const platform::Clock& clock_;
  const std::uint64_t epoch_;
};

}  // namespace ow::engine
