// See lanes.h.
#include "notify/webhooks/lanes.h"

#include "notify/webhooks/bounds.h"

namespace ow::notify::webhooks {

void send_first(platform::Commit& commit, Lane& lane, base::Instant now, std::optional<base::Instant> due, int parks,
                bool reserved) {
  const auto& first = lane.waiting.front();
  Work work{.kind = "lane", .endpoint = lane.endpoint, .subject = lane.subject, .event = first.event};
  work.number = parks;
  work.reserved = reserved;
  auto id = lane.endpoint + "/" + first.event + "/" + std::to_string(++lane.sends);
  auto message = work_message(work, id);
  lane.live = true;
  const auto delay = due ? *due - now : base::Duration(0);
  if (delay > base::bounds::kMessageDelayMax) {
    commit.schedule({"webhook/" + id, *due, std::move(message)});
    return;
  }
  message.delay = std::max(delay, base::Duration(0));
  commit.send(std::move(message));
}

void enqueue(platform::Commit& commit, Lane& lane, DeliveryRecord delivery, bool active, base::Instant now) {
  if (lane.waiting.size() >= kLaneWaitingMax) {
    delivery.state = DeliveryState::failed;
    delivery.reason = "too_many_waiting";
  } else {
    delivery.state = DeliveryState::waiting;
    delivery.reason.clear();
    lane.add({delivery.event, delivery.number, delivery.type, now});
    if (active && !lane.live) send_first(commit, lane, now);
  }
  commit.put(delivery_record(delivery));
}

}  // namespace ow::notify::webhooks
