// A Store seen through a commit that is still being built: reads answer as if it had been taken, so that
// several tasks can share one commit. commit() merges into the stage and makes nothing durable. Loop thread.
#pragma once

#include <map>

#include "platform/store.h"

namespace ow::platform {

class StagedStore final : public Store {
 public:
  /// `below` must outlive this.
  explicit StagedStore(Store& below) : below_(below) {}

  /// A staged record carries a version of the stage, good for expectations on this object only.
  base::Task<base::Result<std::vector<RecordPtr>>> get(std::vector<Key> keys) override;
  base::Task<base::Result<std::vector<std::optional<Counter>>>> counters(std::vector<Key> keys) override;
  /// Queries see the store below only: index queries may lag by contract.
  base::Task<base::Result<Page>> query(Query query) override;
  /// Answers Conflict where the step contradicts an earlier one; the rest is told by the commit of take().
  /// Error too_large when the steps do not fit into one commit: make the stage durable first.
  base::Task<base::Result<CommitOutcome>> commit(Commit commit) override;

  const Commit& staged() const { return staged_; }
  Commit take();

 private:
  const Commit::Write* written(const Key& key) const;
  Version staged_version(const Key& key) const;
  std::optional<Conflict> record_conflict(const Commit& commit) const;
  std::optional<Conflict> ack_conflict(const Commit& commit) const;
  base::Task<base::Result<std::optional<Conflict>>> counter_conflict(const Commit& commit);

  Store& below_;
  Commit staged_;
  std::map<Key, Version> versions_;  // of staged writes; 0 is an erase
  Version last_version_ = 0;
};

}  // namespace ow::platform
