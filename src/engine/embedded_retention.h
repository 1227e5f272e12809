// Retention over the reader and the committer: pruning of the event log, and every pair of the store that is
// nobody else's shadow as a thing with a name. Loop thread.
#pragma once

#include <map>

#include "engine/event_pruner.h"
#include "platform/clock.h"
#include "platform/retention.h"

namespace ow::engine {

class EmbeddedRetention final : public platform::Retention {
 public:
  EmbeddedRetention(Reader& reader, EventPruner& pruner, const platform::Clock& clock, std::uint64_t epoch)
      : reader_(reader), pruner_(pruner), clock_(clock), epoch_(epoch) {}

  base::Task<base::Result<platform::PrunedEvents>> prune_events(base::Instant before) override {
    return pruner_.prune(before);
  }
  base::Task<base::Result<platform::StoredPage>> browse(std::string cursor, std::size_t limit) override;

 private:
  struct Pair {
    std::string key;
    std::string value;
  };
  base::Task<base::Result<std::vector<Pair>>> pairs_behind(DurableView view, std::string key, std::size_t limit);
  base::Task<base::Result<std::map<QueueNumber, std::string>>> queue_names(DurableView view);

  Reader& reader_;
  EventPruner& pruner_;
  const platform::Clock& clock_;
  const std::uint64_t epoch_;
};

}  // namespace ow::engine
