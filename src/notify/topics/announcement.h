// What a topic's subscriptions are told: a message that was published to it, or an event of the platform as a notice to
// operators. Pure but for topic_listeners(). Loop thread.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/json.h"
#include "notify/topics/topic.h"
#include "platform/event_log.h"

namespace ow::notify {

inline constexpr std::string_view kOperatorTopic = "operator-notices";
inline constexpr std::string_view kPublished = "topic.published";
inline constexpr std::string_view kDeadLettered = "queue.dead-lettered";

/// A message on its way to the subscriptions.
struct Announcement {
  std::string id;  // of the event
  std::string topic;
  std::string subject;
  base::Json message;
  base::Instant time;
};

/// Whether the event may concern a topic: one of fan_out.h's topic_events(), and not handed in from outside.
bool is_announced(const platform::Event& event);
/// Of such an event.
Announcement announcement_of(const platform::Event& event, const base::Json& data);
/// Whether the subscription's filter lets the message through. One that no longer compiles lets nothing through: it was
/// checked when it was made.
bool lets_through(const Subscription& subscription, const base::Json& message);

using EndpointIds = std::set<std::string, std::less<>>;
/// The webhooks that a topic's subscriptions bring the event to; none for an event of no topic. Subscriptions hear of
/// what came after them.
base::Task<base::Result<EndpointIds>> topic_listeners(platform::Store& store, platform::Event event);

}  // namespace ow::notify
