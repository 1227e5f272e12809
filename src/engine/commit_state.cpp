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
  const auto [place, is_new] = stamps_.try_emplace(name_of(queue, id));
  if (place->second.queued) return false;
  place->second = {next_stamp_, true};
  order_.push_back({&*place, next_stamp_++});
  if (order_.size() > kMax) forget_oldest();
  return true;
}

void RecentIds::forget_oldest() {
  const auto [id, stamp] = order_.front();
  order_.pop_front();
  if (id->second.sent == stamp) stamps_.erase(stamps_.find(id->first));
}

void RecentIds::remove(QueueNumber queue, std::string_view id) {
  const auto found = stamps_.find(name_of(queue, id));
  if (found != stamps_.end()) found->second.queued = false;
}

}  // namespace ow::engine
