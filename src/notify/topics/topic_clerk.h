// From a published message to the subscriptions of its topic, and from what operators must know to the topic
// `operator-notices`: dead letters, disabled webhooks, obligations. Consumes the queue `topics`. Loop thread.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/json.h"
#include "notify/topics/topic.h"
#include "platform/consumer.h"
#include "platform/queue_admin.h"

namespace ow::notify {

inline constexpr std::string_view kTopicQueue = "topics";
inline constexpr std::string_view kOperatorTopic = "operator-notices";
inline constexpr std::string_view kPublished = "topic.published";
inline constexpr std::string_view kDeadLettered = "queue.dead-lettered";
/// Queues that subscriptions may fill are apart from the platform's own.
inline constexpr std::string_view kSubscriptionQueuePrefix = "topic-";

/// A message on its way to the subscriptions.
struct Announcement {
  std::string id;  // of the event
  std::string topic;
  std::string subject;
  base::Json message;
  base::Instant time;
};

/// Error malformed when the body is no event; nothing when it concerns no topic.
base::Result<std::optional<Announcement>> read_announcement(const std::string& body);
/// What a mail shows: a text as it is, anything else as JSON for people.
std::string message_text(const base::Json& message);

class TopicClerk {
 public:
  TopicClerk(platform::ConsumerPorts ports, platform::QueueAdmin& queues) : ports_(ports), queues_(queues) {}

  platform::ConsumerSpec consumer();
  /// Looks for new dead letters now and then, and tells operators. Runs until the executor stops.
  base::Task<void> watch();

 private:
  base::Task<base::Result<platform::Commit>> spread(platform::Delivery delivery);
  base::Task<void> look();

  platform::ConsumerPorts ports_;
  platform::QueueAdmin& queues_;
  std::map<std::string, std::uint64_t> told_;  // dead letters by queue
};

}  // namespace ow::notify
