// See topic.h. Kind "topic", schema 1: `{"about", "subs": [[id, protocol, target, filter, by, since us]]}`; kept until
// an operator removes the topic or the subscription, whose target may be a person's address.
#include "notify/topics/topic.h"

#include <algorithm>
#include <array>

#include "base/json.h"

namespace ow::notify {
namespace {

using base::Json;

constexpr std::size_t kNameCharsMax = 64;
constexpr std::size_t kTopicColumns = 6;
constexpr auto kTopicIndex = "topics";
constexpr std::string_view kTopicPartition = "topic#";
constexpr std::array<std::string_view, 3> kProtocols = {"mail", "webhook", "queue"};

platform::Key topic_key(const std::string& name) { return {std::string(kTopicPartition) + name, "topic"}; }

Json row_of(const Subscription& subscription) {
  return Json::array({subscription.id, static_cast<int>(subscription.protocol), subscription.target,
                      subscription.filter, subscription.by, subscription.since.us});
}

std::optional<Subscription> subscription_of(const Json& row) {
  if (!row.is_array() || row.as_array().size() != kTopicColumns) return std::nullopt;
  const auto& cells = row.as_array();
  const auto protocol = cells[1].is_number() ? cells[1].as_number().integer().value_or(-1) : -1;
  if (protocol < 0 || protocol >= static_cast<std::int64_t>(kProtocols.size())) return std::nullopt;
  return Subscription{cells[0].as_string(), static_cast<Protocol>(protocol),
                      cells[2].as_string(), cells[3].as_string(),
                      cells[4].as_string(), {cells[5].as_number().integer().value_or(0)}};
}

base::Result<Topic> topic_from(const platform::Record& record) {
  const auto defect = [&] {
    return base::fail(base::ErrorCode::internal, "topic_unreadable",
                      "The record " + record.key.partition + " cannot be read.");
  };
  const auto json = base::parse_json(record.value);
  const Json* rows = json ? json->find("subs") : nullptr;
  if (rows == nullptr || record.kind != "topic" || record.schema != 1) return defect();
  Topic topic{record.key.partition.substr(kTopicPartition.size()),
              std::string(json->string_at("about").value_or("")),
              {},
              record.version};
  for (const auto& row : rows->as_array()) {
    auto subscription = subscription_of(row);
    if (!subscription) return defect();
    topic.subscriptions.push_back(std::move(*subscription));
  }
  return topic;
}

}  // namespace

std::string_view protocol_text(Protocol protocol) { return kProtocols.at(static_cast<std::size_t>(protocol)); }

std::optional<Protocol> parse_protocol(std::string_view text) {
  const auto found = std::find(kProtocols.begin(), kProtocols.end(), text);
  if (found == kProtocols.end()) return std::nullopt;
  return static_cast<Protocol>(found - kProtocols.begin());
}

const Subscription* Topic::find(std::string_view id) const {
  const auto found =
      std::find_if(subscriptions.begin(), subscriptions.end(), [&](const auto& one) { return one.id == id; });
  return found == subscriptions.end() ? nullptr : &*found;
}

bool is_topic_name(std::string_view name) {
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  return !name.empty() && name.size() <= kNameCharsMax && lower(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return lower(c) || (c >= '0' && c <= '9') || c == '-'; });
}

platform::Commit put_topic(const Topic& topic) {
  Json::Array rows;
  for (const auto& subscription : topic.subscriptions) rows.push_back(row_of(subscription));
  platform::Record record;
  record.key = topic_key(topic.name);
  record.kind = "topic";
  record.value = base::to_text(Json::object({{"about", topic.description}, {"subs", std::move(rows)}}));
  record.indexes = {{kTopicIndex, "all", topic.name}};
  platform::Commit commit;
  commit.put(std::move(record), platform::Expect::at(topic.version));
  return commit;
}

platform::Commit erase_topic(const Topic& topic) {
  platform::Commit commit;
  commit.erase(topic_key(topic.name), platform::Expect::at(topic.version));
  return commit;
}

base::Task<base::Result<std::optional<Topic>>> find_topic(platform::Store& store, std::string name) {
  if (!is_topic_name(name)) co_return std::optional<Topic>();
  const auto record = co_await platform::get_one(store, topic_key(name));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return std::optional<Topic>();
  auto topic = topic_from(**record);
  if (!topic) co_return base::fail(topic.error());
  co_return std::optional(std::move(*topic));
}

base::Task<base::Result<std::optional<Subscription>>> find_subscription(platform::Store& store, std::string topic,
                                                                        std::string id) {
  const auto found = co_await find_topic(store, std::move(topic));
  if (!found) co_return base::fail(found.error());
  const Subscription* subscription = *found ? (*found)->find(id) : nullptr;
  co_return subscription == nullptr ? std::optional<Subscription>() : std::optional(*subscription);
}

base::Task<base::Result<TopicPage>> list_topics(platform::Store& store, std::size_t limit, std::string cursor) {
  platform::Query query{kTopicIndex, "all"};
  query.limit = limit;
  query.cursor = std::move(cursor);
  const auto page = co_await store.query(std::move(query));
  if (!page) co_return base::fail(page.error());
  TopicPage out;
  out.next_cursor = page->next_cursor;
  for (const auto& record : page->records) {
    auto topic = topic_from(record);
    if (!topic) co_return base::fail(topic.error());
    out.topics.push_back(std::move(*topic));
  }
  co_return out;
}

}  // namespace ow::notify
