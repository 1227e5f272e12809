// QueueAdmin over the hub and the committer. Looking at messages reads the store, not the memory. Loop
// thread.
#pragma once

#include <functional>
#include <vector>

#include "engine/queue_hub.h"
#include "platform/queue_admin.h"

namespace ow::engine {

class EmbeddedQueueAdmin final : public platform::QueueAdmin {
 public:
  EmbeddedQueueAdmin(QueueHub& hub, Committer& committer, Reader& reader, const platform::Clock& clock,
                     std::uint64_t epoch)
      : hub_(hub), committer_(committer), reader_(reader), clock_(clock), epoch_(epoch) {}

  base::Task<base::Result<void>> declare(platform::QueueSpec spec) override;
  base::Task<base::Result<std::vector<platform::QueueStatus>>> list() override;
  base::Task<base::Result<platform::MessagePage>> inspect(std::string queue,
                                                          platform::MessageFilter filter) override;
  base::Task<base::Result<std::uint64_t>> redrive(std::string dead_letter_queue,
                                                  platform::MessageFilter filter) override;
  base::Task<base::Result<void>> pause(std::string queue, bool paused) override;
  base::Task<base::Result<std::uint64_t>> purge(std::string queue) override;

 private:
  struct Seen {
    MessagePtr message;
    bool delayed = false;
  };
  base::Task<base::Result<void>> declare_one(platform::QueueSpec spec);
  base::Task<base::Result<std::vector<Seen>>> look(QueueNumber queue, Sequence behind,
                                                   platform::MessageFilter filter, std::size_t count);
  base::Task<base::Result<std::vector<Seen>>> with_bodies(std::vector<Seen> seen, std::string body_has);
  platform::QueuedMessage shown(QueueState& queue, const Seen& seen) const;
  base::Task<base::Result<std::vector<std::string>>> delayed_keys(QueueNumber queue);

  QueueHub& hub_;
  Committer& committer_;
  Reader& reader_;
  const platform::Clock& clock_;
  const std::uint64_t epoch_;
};

}  // namespace ow::engine
