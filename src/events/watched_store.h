// A Store that says when a commit held events, so that followers of the log wake up without polling and what happened
// can be counted. Loop thread.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "platform/store.h"

namespace ow::events {

class WatchedStore final : public platform::Store {
 public:
  /// Types of events that were committed; none when the store did not say whether they were.
  using Committed = std::function<void(const std::vector<std::string>& types)>;

  /// `committed` is called after a commit with events was made durable, before its caller goes on; it must
  /// return at once. `below` must outlive this.
  WatchedStore(platform::Store& below, Committed committed) : below_(below), committed_(std::move(committed)) {}

  base::Task<base::Result<std::vector<platform::RecordPtr>>> get(std::vector<platform::Key> keys) override {
    return below_.get(std::move(keys));
  }
  base::Task<base::Result<std::vector<std::optional<platform::Counter>>>> counters(
      std::vector<platform::Key> keys) override {
    return below_.counters(std::move(keys));
  }
  base::Task<base::Result<platform::Page>> query(platform::Query query) override {
    return below_.query(std::move(query));
  }
  base::Task<base::Result<platform::CommitOutcome>> commit(platform::Commit commit) override {
    return commit.events().empty() ? below_.commit(std::move(commit)) : commit_and_tell(std::move(commit));
  }

 private:
  base::Task<base::Result<platform::CommitOutcome>> commit_and_tell(platform::Commit commit) {
    std::vector<std::string> types;
    for (const auto& event : commit.events()) types.push_back(event.type);
    auto outcome = co_await below_.commit(std::move(commit));
    if (outcome && outcome->kind == platform::CommitOutcome::Kind::committed)
      committed_(types);
    else if (outcome && outcome->kind == platform::CommitOutcome::Kind::unknown)
      committed_({});
    co_return outcome;
  }

  platform::Store& below_;
  Committed committed_;
};

}  // namespace ow::events
