// See commit_state.h.
#include "engine/commit_state.h"

#include "engine/bytes.h"

namespace ow::engine {

std::string RecentIds::name_of(QueueNumber queue, std::string_view id) {
  std::string name;
  name.reserve(id.size() + 2);
  put_ordered(name, queue, 2);
  name += id;
  return name;
}

bool RecentIds::add(QueueNumber queue, std::string_view id) {
  std::string name = name_of(queue, id);
  if (!stamps_.try_emplace(name, next_stamp_).second) return false;
  order_.push_back({std::move(name), next_stamp_++});
  while (order_.size() > kMax) {
    const auto oldest = stamps_.find(order_.front().name);
    if (oldest != stamps_.end() && oldest->second == order_.front().stamp) stamps_.erase(oldest);
    order_.pop_front();
  }
  return true;
}

void RecentIds::remove(QueueNumber queue, std::string_view id) { stamps_.erase(name_of(queue, id)); }

}  // namespace ow::engine
