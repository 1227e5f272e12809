// See topic_clerk.h.
#include "notify/topics/topic_clerk.h"

#include <fmt/format.h>

#include "notify/mail/errand.h"

namespace ow::notify {
namespace {

using base::Json;
using base::Result;
using base::Task;
using platform::Commit;

constexpr base::Duration kWatchInterval = std::chrono::seconds(30);
constexpr std::string_view kDeadLetterEnding = ".dlq";

platform::OutMessage mail_for(const Subscription& subscription, const Announcement& announcement) {
  Errand errand;
  errand.event = announcement.id;
  errand.type = "notice";
  errand.topic = announcement.topic;
  errand.subscription = subscription.id;
  errand.subject = announcement.subject;
  errand.message = message_text(announcement.message);
  errand.time = announcement.time;
  return notice_message(errand);
}

platform::OutMessage message_for(const Subscription& subscription, const Announcement& announcement) {
  platform::OutMessage message;
  message.queue = subscription.target;
  message.id = base::MessageId(fmt::format("{}.{}", announcement.id, subscription.id));
  message.group = announcement.topic;
  message.body = base::to_text(Json::object({{"messageId", announcement.id},
                                             {"topic", announcement.topic},
                                             {"subject", announcement.subject},
                                             {"message", announcement.message},
                                             {"time", base::to_rfc3339(announcement.time)}}));
  return message;
}

}  // namespace

Result<Announcement> read_announcement(const std::string& body) {
  const auto json = base::parse_json(body);
  const Json* detail = json ? json->find("detail") : nullptr;
  const auto time = json ? base::parse_rfc3339(json->text_at("time")) : base::Instant{};
  if (detail == nullptr || !time)
    return base::fail(base::ErrorCode::malformed, "bad_topic_message", "A message on the queue topics cannot be read.");
  const Json* resources = json->find("resources");
  const bool named = resources != nullptr && resources->is_array() && !resources->as_array().empty();
  platform::Event event;
  event.id = base::EventId(json->text_at("id"));
  event.type = json->text_at("detail-type");
  event.subject = named ? resources->as_array().front().as_string() : "-";
  event.time = *time;
  return announcement_of(event, *detail);
}

std::string message_text(const Json& message) {
  return message.is_string() ? message.as_string() : base::to_pretty_text(message);
}

platform::ConsumerSpec TopicClerk::consumer() {
  platform::ConsumerSpec spec;
  spec.queue = kTopicQueue;
  spec.parallel_max = 4;
  spec.handle = [this](platform::Delivery delivery) { return spread(std::move(delivery)); };
  return spec;
}

Task<Result<Commit>> TopicClerk::spread(platform::Delivery delivery) {
  const auto announcement = read_announcement(delivery.body);
  if (!announcement) co_return base::fail(announcement.error());
  Commit commit;
  const auto topic = co_await find_topic(ports_.store, announcement->topic);
  if (!topic) co_return base::fail(topic.error());
  if (!*topic) co_return commit;  // removed meanwhile
  for (const auto& subscription : (*topic)->subscriptions) {
    const bool by_queue = subscription.protocol != Protocol::webhook;
    if (!by_queue || !lets_through(subscription, announcement->message)) continue;
    commit.send(subscription.protocol == Protocol::mail ? mail_for(subscription, *announcement)
                                                        : message_for(subscription, *announcement));
  }
  co_return commit;
}

Task<void> TopicClerk::watch() {
  while (co_await ports_.executor.sleep_until(ports_.clock.ticks() + kWatchInterval)) co_await look();
}

Task<void> TopicClerk::look() {
  const auto queues = co_await queues_.list();
  if (!queues) co_return;
  for (const auto& queue : *queues) {
    if (!queue.spec.name.ends_with(kDeadLetterEnding)) continue;
    const auto waiting = queue.ready + queue.in_flight + queue.delayed;
    auto& told = told_[queue.spec.name];
    if (waiting <= told) {
      told = waiting;
      continue;
    }
    Commit commit;
    commit.event({queue.spec.name, std::string(kDeadLettered), "orderwright/queues",
                  base::to_text(Json::object({{"queue", queue.spec.name}, {"waiting", waiting}})), ports_.clock.now()});
    const auto outcome = co_await ports_.store.commit(std::move(commit));
    if (outcome && outcome->committed()) told = waiting;
  }
}

}  // namespace ow::notify
