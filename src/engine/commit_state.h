// What the committer remembers between batches. Commit lane only (filled by recovery before it runs).
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/bounds.h"
#include "base/instant.h"
#include "engine/layout.h"
#include "platform/queues.h"

namespace ow::engine {

/// Ids of messages sent lately and still queued, so that sending one again changes nothing. Bounded: the
/// oldest is forgotten first.
class RecentIds {
 public:
  static constexpr std::size_t kMax = 16'384;

  RecentIds() = default;
  RecentIds(RecentIds&&) = default;
  RecentIds& operator=(RecentIds&&) = default;

  /// False when it is there already.
  bool add(QueueNumber queue, std::string_view id);
  void remove(QueueNumber queue, std::string_view id);

 private:
  struct Stamp {
    std::uint64_t sent = 0;
    bool queued = false;  // removed ones stay until they are the oldest: `order_` names them
  };
  using Stamps = std::unordered_map<std::string, Stamp>;
  struct Sent {
    Stamps::value_type* id = nullptr;  // in `stamps_`
    std::uint64_t stamp = 0;
  };
  static std::string name_of(QueueNumber queue, std::string_view id);
  void forget_oldest();

  Stamps stamps_;
  std::deque<Sent> order_;
  std::uint64_t next_stamp_ = 0;
};

struct KnownQueue {
  QueueNumber number = 0;
  platform::QueueKind kind = platform::QueueKind::fair;
};

struct CommitState {
  std::unordered_map<std::string, KnownQueue> queues;
  /// The next number to give out, and the first that is not reserved in the store.
  Sequence next_sequence = 1;
  Sequence reserved = 1;
  std::uint64_t epoch = 1;
  QueueNumber next_queue = 1;
  /// Low mark of the due range: nothing alive is due before it, so no scan starts further down.
  base::Instant due_mark{};
  RecentIds recent_ids;
  /// From when a message died.
  base::Duration dead_letters_kept = base::bounds::kDeadLetterKept;

  const KnownQueue* queue(const std::string& name) const {
    const auto found = queues.find(name);
    return found == queues.end() ? nullptr : &found->second;
  }
};

}  // namespace ow::engine
