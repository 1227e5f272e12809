// From a published message to the subscriptions of its topic, and from what operators must know to the topic
// `operator-notices`: dead letters, disabled webhooks, obligations. Consumes the queue `topics`. Webhooks hear of the
// same events by deliveries of their own (webhooks/expansion.h). Loop thread.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/json.h"
#include "notify/topics/announcement.h"
#include "notify/topics/topic.h"
#include "platform/consumer.h"
#include "platform/queue_admin.h"

namespace ow::notify {

inline constexpr std::string_view kTopicQueue = "topics";
/// Queues that subscriptions may fill are apart from the platform's own.
inline constexpr std::string_view kSubscriptionQueuePrefix = "topic-";

/// Error malformed when the body is no event.
base::Result<Announcement> read_announcement(const std::string& body);
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
