// Topics: a named target with subscriptions (mail, webhook, queue), each with an optional filter, as SNS has them. One
// record a topic holds its subscriptions. Loop thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "base/task.h"
#include "platform/store.h"

namespace ow::notify {

namespace bounds {
inline constexpr std::size_t kSubscriptionsMax = 50;  // of one topic: all their messages fit in one commit
inline constexpr std::size_t kTopicsMax = 1000;
inline constexpr std::size_t kFilterBytesMax = 4 << 10;
inline constexpr std::size_t kTopicMessageBytesMax = 64 << 10;
inline constexpr std::size_t kTopicSubjectBytesMax = 200;
}  // namespace bounds

enum class Protocol : std::uint8_t { mail, webhook, queue };
std::string_view protocol_text(Protocol protocol);
std::optional<Protocol> parse_protocol(std::string_view text);

struct Subscription {
  std::string id;  // "sub_…"
  Protocol protocol = Protocol::mail;
  std::string target;  // address, endpoint's id, queue's name
  std::string filter;  // event pattern over the message; empty: everything
  std::string by;
  base::Instant since;
};

struct Topic {
  std::string name;
  std::string description;
  std::vector<Subscription> subscriptions;
  platform::Version version = 0;

  const Subscription* find(std::string_view id) const;
};

/// 1 to 64 of lower-case letters, digits and '-', beginning with a letter.
bool is_topic_name(std::string_view name);

/// Conditioned on the record as it was read.
platform::Commit put_topic(const Topic& topic);
platform::Commit erase_topic(const Topic& topic);
base::Task<base::Result<std::optional<Topic>>> find_topic(platform::Store& store, std::string name);
base::Task<base::Result<std::optional<Subscription>>> find_subscription(platform::Store& store, std::string topic,
                                                                        std::string id);
struct TopicPage {
  std::vector<Topic> topics;
  std::string next_cursor;
};
/// By name.
base::Task<base::Result<TopicPage>> list_topics(platform::Store& store, std::size_t limit, std::string cursor);

}  // namespace ow::notify
