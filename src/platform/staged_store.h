// A Store seen through a commit that is still being built: reads answer as if it had been taken, so that
// several tasks can share one commit. commit() merges into the stage and makes nothing durable. Loop thread.
#pragma once

#include "platform/store.h"

namespace ow::platform {

class StagedStore final : public Store {
 public:
  /// `below` must outlive this.
  explicit StagedStore(Store& below) : below_(below) {}

  base::Task<base::Result<std::vector<std::optional<Record>>>> get(std::vector<Key> keys) override;
  base::Task<base::Result<std::vector<std::optional<Counter>>>> counters(std::vector<Key> keys) override;
  /// Queries see the store below only: index queries may lag by contract.
  base::Task<base::Result<Page>> query(Query query) override;
  base::Task<base::Result<CommitOutcome>> commit(Commit commit) override;

  const Commit& staged() const { return staged_; }
  Commit take();

 private:
  Store& below_;
  Commit staged_;
};

}  // namespace ow::platform
