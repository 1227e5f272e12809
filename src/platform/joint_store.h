// A Store whose commits go together: steps that gather while the loop runs what is ready become durable in as few
// commits as they fit into, since a commit costs far more than another key in it. Only steps that touch no record, timer
// or message of each other share one, and each hears its own outcome: when a joint commit does not hold, its steps
// are taken one by one, so one that never holds spoils no other. Loop thread.
#pragma once

#include <string>
#include <vector>

#include "platform/executor.h"
#include "platform/store.h"

namespace ow::platform {

class JointStore final : public Store {
 public:
  /// Both outlive this, and this outlives every commit that was begun.
  JointStore(Store& below, Executor& executor) : below_(below), executor_(executor) {}

  base::Task<base::Result<std::vector<RecordPtr>>> get(std::vector<Key> keys) override;
  base::Task<base::Result<std::vector<std::optional<Counter>>>> counters(std::vector<Key> keys) override;
  base::Task<base::Result<Page>> query(Query query) override;
  /// As Store says. Unknown of a joint commit is unknown of each of its steps. A step without an ack goes alone: ids of
  /// its messages need a mark that a commit with a condition does not get (docs/decisions/0007).
  base::Task<base::Result<CommitOutcome>> commit(Commit commit) override;

 private:
  using Outcome = base::Result<CommitOutcome>;
  struct Step {
    Commit commit;
    base::Completion<Outcome> done = {};
  };
  struct Group {
    Commit joint;
    std::size_t keys = 0;
    std::size_t bytes = 0;
    bool open = true;  // for more steps
    std::vector<Step*> steps = {};
  };

  static void place(std::vector<Group>& groups, Step& step, bool apart);
  base::Task<void> take_gathered();
  base::Task<void> take(Group group);
  base::Task<void> take_alone(Step& step);

  Store& below_;
  Executor& executor_;
  std::vector<Step*> gathered_;  // each lives in the frame of its commit()
};

}  // namespace ow::platform
