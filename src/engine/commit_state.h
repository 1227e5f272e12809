// What the committer remembers between batches. Commit lane only (filled by recovery before it runs).
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/instant.h"
#include "engine/layout.h"
#include "platform/queues.h"

namespace ow::engine {

/// Ids of messages sent lately and still queued, so that sending one again changes nothing. Bounded: the
/// oldest is forgotten first.
class RecentIds {
 public:
  static constexpr std::size_t kMax = 16'384;

  /// False when it is there already.
  bool add(QueueNumber queue, std::string_view id);
  void remove(QueueNumber queue, std::string_view id);

 private:
  struct Sent {
    std::string name;
    std::uint64_t stamp;
  };
  static std::string name_of(QueueNumber queue, std::string_view id);

  std::unordered_map<std::string, std::uint64_t> stamps_;
  std::deque<Sent> order_;
  std::uint64_t next_stamp_ = 0;
};

struct KnownQueue {
  QueueNumber number = 0;
  platform::QueueKind kind = platform::QueueKind::fair;
};

struct CommitState {
  std::unordered_map<std::string, KnownQueue> queues;
  /// By queue number: messages below were purged, whatever a cache says.
  std::vector<Sequence> purged_below;
  /// The next number to give out, and the first that is not reserved in the store.
  Sequence next_sequence = 1;
  Sequence reserved = 1;
  std::uint64_t epoch = 1;
  QueueNumber next_queue = 1;
  /// Low mark of the due range: nothing alive is due before it, so no scan starts further down.
  base::Instant due_mark{};
  RecentIds recent_ids;

  const KnownQueue* queue(const std::string& name) const {
    const auto found = queues.find(name);
    return found == queues.end() ? nullptr : &found->second;
  }
  bool purged(QueueNumber queue, Sequence sequence) const {
    return queue < purged_below.size() && sequence < purged_below[queue];
  }
};

}  // namespace ow::engine
