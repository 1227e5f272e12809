// A Store that keeps everything in maps and takes commits at once: the plainest reading of the contract, to
// compare with. A test may script outcomes. Copyable. Test thread only.
#pragma once

#include <deque>
#include <set>

#include "platform/store.h"

namespace ow::platform {

class MapStore final : public Store {
 public:
  base::Task<base::Result<std::vector<RecordPtr>>> get(std::vector<Key> keys) override;
  base::Task<base::Result<std::vector<std::optional<Counter>>>> counters(std::vector<Key> keys) override;
  base::Task<base::Result<Page>> query(Query query) override;
  base::Task<base::Result<CommitOutcome>> commit(Commit commit) override;

  /// Answers of the next commits, which are then not taken.
  std::deque<base::Result<CommitOutcome>> scripted;

  /// Everything but versions, in one text.
  std::string text() const;
  const std::vector<Commit>& taken() const { return taken_; }
  const std::set<std::string>& consumed() const { return consumed_; }

 private:
  std::optional<Conflict> conflict(const Commit& commit) const;
  Version version_of(const Key& key) const;
  void take(const Commit& commit);

  std::map<Key, Record> records_;
  std::map<Key, Counter> counters_;
  std::map<std::string, std::vector<std::string>> events_;  // by subject
  std::map<std::string, std::string> messages_;             // by queue and id
  std::map<std::string, Timer> timers_;
  std::set<std::string> consumed_;
  std::vector<Commit> taken_;
  Version last_version_ = 0;
};

}  // namespace ow::platform
