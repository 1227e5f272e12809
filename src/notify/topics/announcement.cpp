// See announcement.h.
#include "notify/topics/announcement.h"

#include <fmt/format.h>

#include "notify/fan_out.h"
#include "platform/event_source.h"
#include "rules/pattern.h"

namespace ow::notify {

using base::Json;

bool is_announced(const platform::Event& event) {
  static const Wanted kAnnounced = topic_events();
  return kAnnounced.has(event.type, platform::is_outside_source(event.source));
}

Announcement announcement_of(const platform::Event& event, const Json& data) {
  if (event.type == kPublished) {
    const Json* message = data.find("message");
    return {event.id.text, data.text_at("topic"), data.text_at("subject"), message == nullptr ? Json() : *message,
            event.time};
  }
  auto message = Json::object({{"type", event.type}, {"subject", event.subject}, {"data", data}});
  return {event.id.text, std::string(kOperatorTopic), fmt::format("{}: {}", event.type, event.subject),
          std::move(message), event.time};
}

bool lets_through(const Subscription& subscription, const Json& message) {
  if (subscription.filter.empty()) return true;
  const auto pattern = rules::Pattern::compile_text(subscription.filter);
  return pattern && pattern->match(message.is_object() ? message : Json::object({{"message", message}}));
}

base::Task<base::Result<EndpointIds>> topic_listeners(platform::Store& store, platform::Event event) {
  EndpointIds endpoints;
  if (!is_announced(event)) co_return endpoints;
  const auto announcement = announcement_of(event, base::parse_json(event.data).value_or(Json::object()));
  const auto topic = co_await find_topic(store, announcement.topic);
  if (!topic) co_return base::fail(topic.error());
  if (!*topic) co_return endpoints;
  for (const auto& subscription : (*topic)->subscriptions) {
    const bool hears = subscription.protocol == Protocol::webhook && subscription.since <= event.time;
    if (hears && lets_through(subscription, announcement.message)) endpoints.insert(subscription.target);
  }
  co_return endpoints;
}

}  // namespace ow::notify
