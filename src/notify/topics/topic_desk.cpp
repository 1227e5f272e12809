// See topic_desk.h.
#include "notify/topics/topic_desk.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bounds.h"
#include "http/listing.h"
#include "http/schema_text.h"
#include "notify/operators_route.h"
#include "notify/topics/topic.h"
#include "notify/topics/topic_clerk.h"
#include "notify/webhooks/endpoint.h"
#include "ops/operator_action.h"
#include "platform/mailer.h"
#include "rules/pattern.h"

namespace ow::notify {
namespace {

using base::ErrorCode;
using base::Json;
using base::Result;
using base::Task;
using http::Access;
using http::closed_object;
using http::list_of;
using http::nullable;
using http::Reply;
using http::RequestContext;
using http::Response;
using http::text_up_to;
using http::typed;

constexpr std::size_t kDescriptionBytesMax = 500;

Json subscription_json(const Subscription& subscription) {
  const auto filter = subscription.filter.empty() ? base::Result<Json>(Json()) : base::parse_json(subscription.filter);
  return Json::object({{"subscriptionId", subscription.id},
                       {"protocol", protocol_text(subscription.protocol)},
                       {"target", subscription.target},
                       {"filter", filter ? *filter : Json()},
                       {"by", subscription.by},
                       {"createdAt", base::to_rfc3339(subscription.since)}});
}

Json topic_json(const Topic& topic) {
  Json::Array subscriptions;
  for (const auto& subscription : topic.subscriptions) subscriptions.push_back(subscription_json(subscription));
  return Json::object(
      {{"name", topic.name}, {"description", topic.description}, {"subscriptions", std::move(subscriptions)}});
}

base::Error refused(std::vector<std::string> violations) {
  return {ErrorCode::unprocessable, "invalid_topic", "The topic or subscription is not valid.", std::move(violations)};
}

/// Without subscriptions whose webhook was deleted: they reach nobody, and go for good when the topic changes next.
Task<Result<Topic>> without_gone(TopicDesk desk, Topic topic) {
  std::vector<platform::Key> keys;
  for (const auto& subscription : topic.subscriptions) {
    if (subscription.protocol == Protocol::webhook) keys.push_back(webhooks::endpoint_key(subscription.target));
  }
  if (keys.empty()) co_return topic;
  const auto endpoints = co_await desk.store.get(std::move(keys));
  if (!endpoints) co_return base::fail(endpoints.error());
  auto endpoint = endpoints->begin();
  std::erase_if(topic.subscriptions, [&](const Subscription& subscription) {
    return subscription.protocol == Protocol::webhook && !*endpoint++;
  });
  co_return topic;
}

Task<Result<Topic>> topic_of(TopicDesk desk, std::string name) {
  auto topic = co_await find_topic(desk.store, name);
  if (!topic) co_return base::fail(topic.error());
  if (!*topic) co_return base::fail(ErrorCode::not_found, "topic_not_found", "There is no topic " + name + ".");
  co_return co_await without_gone(desk, std::move(**topic));
}

platform::EventDraft acted(const TopicDesk& desk, const RequestContext& context, const char* type,
                           const std::string& topic, Json details = Json::object()) {
  return ops::operator_event(ops::operator_of(context), desk.clock.now(),
                             {type, "topic/" + topic, "", std::move(details)});
}

Task<Result<Reply>> list(TopicDesk desk, const RequestContext& context) {
  const auto limit = http::page_limit(context, base::bounds::kListItemsMax);
  if (!limit) co_return base::fail(limit.error());
  auto page = co_await list_topics(desk.store, *limit, http::query_text(context, "cursor"));
  if (!page) co_return base::fail(page.error());
  Json::Array items;
  for (auto& topic : page->topics) {
    const auto live = co_await without_gone(desk, std::move(topic));
    if (!live) co_return base::fail(live.error());
    items.push_back(topic_json(*live));
  }
  co_return Reply{Response::json(200, http::page_json(std::move(items), page->next_cursor))};
}

Task<Result<Reply>> show(TopicDesk desk, const RequestContext& context) {
  const auto topic = co_await topic_of(desk, context.params.at("name"));
  if (!topic) co_return base::fail(topic.error());
  co_return Reply{Response::json(200, topic_json(*topic))};
}

Task<Result<Reply>> create(TopicDesk desk, const RequestContext& context) {
  Topic topic{context.body.text_at("name"), context.body.text_at("description"), {}};
  if (!is_topic_name(topic.name))
    co_return base::fail(refused({"name must be 1 to 64 of a-z, 0-9 and '-', beginning with a letter"}));
  const auto known = co_await find_topic(desk.store, topic.name);
  if (!known) co_return base::fail(known.error());
  if (*known) co_return base::fail(ErrorCode::conflict, "topic_exists", "There is a topic " + topic.name + " already.");
  Reply reply{Response::json(201, topic_json(topic))};
  reply.commit = put_topic(topic);
  reply.commit.event(acted(desk, context, "operator.topic-created", topic.name));
  co_return reply;
}

Task<Result<Reply>> remove(TopicDesk desk, const RequestContext& context) {
  const auto topic = co_await topic_of(desk, context.params.at("name"));
  if (!topic) co_return base::fail(topic.error());
  if (topic->name == kOperatorTopic)
    co_return base::fail(ErrorCode::conflict, "topic_needed",
                         "The platform itself tells operators through this topic.");
  Reply reply{{.status = 204}};
  reply.commit = erase_topic(*topic);
  reply.commit.event(acted(desk, context, "operator.topic-deleted", topic->name));
  co_return reply;
}

bool is_subscription_queue(const std::string& name) {
  return name.starts_with(kSubscriptionQueuePrefix) && is_topic_name(name);
}

std::vector<std::string> faults_of(const Subscription& subscription) {
  std::vector<std::string> faults;
  if (subscription.protocol == Protocol::mail && !platform::is_mail_address(subscription.target))
    faults.emplace_back("target must be a mail address");
  if (subscription.protocol == Protocol::queue && !is_subscription_queue(subscription.target))
    faults.push_back(fmt::format("target must be a queue's name beginning with {}", kSubscriptionQueuePrefix));
  if (subscription.filter.size() > bounds::kFilterBytesMax)
    faults.push_back(fmt::format("filter must have at most {} bytes", bounds::kFilterBytesMax));
  if (subscription.filter.empty()) return faults;
  if (const auto pattern = rules::Pattern::compile_text(subscription.filter); !pattern)
    faults.push_back("filter: " + pattern.error().message);
  return faults;
}

/// A webhook that a subscription names must be there; what only operators may know goes to theirs alone.
Task<Result<std::optional<std::string>>> webhook_fault(TopicDesk desk, std::string topic, std::string id) {
  using Fault = std::optional<std::string>;
  const auto endpoint = co_await webhooks::find_endpoint(desk.store, id);
  if (!endpoint) co_return base::fail(endpoint.error());
  if (!*endpoint) co_return Fault("target must be the id of a webhook (/api/webhooks)");
  if (topic == kOperatorTopic && !(*endpoint)->customer.empty())
    co_return Fault("target must be a webhook of scope all: operators alone hear of " + topic);
  co_return Fault();
}

platform::QueueSpec queue_spec(const std::string& name) {
  platform::QueueSpec spec;
  spec.name = name;
  return spec;
}

Task<Result<Reply>> subscribe(TopicDesk desk, const RequestContext& context) {
  auto topic = co_await topic_of(desk, context.params.at("name"));
  if (!topic) co_return base::fail(topic.error());
  const Json* filter = context.body.find("filter");
  Subscription subscription{desk.ids.next("sub"),           *parse_protocol(context.body.text_at("protocol")),
                            context.body.text_at("target"), filter == nullptr ? "" : base::to_text(*filter),
                            context.principal->user.text,   desk.clock.now()};
  auto faults = faults_of(subscription);
  if (subscription.protocol == Protocol::webhook) {
    auto fault = co_await webhook_fault(desk, topic->name, subscription.target);
    if (!fault) co_return base::fail(std::move(fault.error()));
    if (*fault) faults.push_back(std::move(**fault));
  }
  if (topic->subscriptions.size() >= bounds::kSubscriptionsMax)
    faults.push_back(fmt::format("a topic has at most {} subscriptions", bounds::kSubscriptionsMax));
  if (!faults.empty()) co_return base::fail(refused(std::move(faults)));
  if (subscription.protocol == Protocol::queue) {
    const auto declared = co_await desk.queues.declare(queue_spec(subscription.target));
    if (!declared) co_return base::fail(declared.error());
  }
  topic->subscriptions.push_back(subscription);
  Reply reply{Response::json(201, subscription_json(subscription))};
  reply.commit = put_topic(*topic);
  reply.commit.event(
      acted(desk, context, "operator.topic-subscribed", topic->name,
            Json::object({{"subscriptionId", subscription.id}, {"protocol", protocol_text(subscription.protocol)}})));
  co_return reply;
}

Task<Result<Reply>> unsubscribe(TopicDesk desk, const RequestContext& context) {
  auto topic = co_await topic_of(desk, context.params.at("name"));
  if (!topic) co_return base::fail(topic.error());
  const auto& id = context.params.at("id");
  const auto removed = std::erase_if(topic->subscriptions, [&](const Subscription& one) { return one.id == id; });
  if (removed == 0)
    co_return base::fail(ErrorCode::not_found, "subscription_not_found", "The topic has no subscription " + id + ".");
  Reply reply{{.status = 204}};
  reply.commit = put_topic(*topic);
  reply.commit.event(
      acted(desk, context, "operator.topic-unsubscribed", topic->name, Json::object({{"subscriptionId", id}})));
  co_return reply;
}

Task<Result<Reply>> publish(TopicDesk desk, const RequestContext& context) {
  const auto topic = co_await topic_of(desk, context.params.at("name"));
  if (!topic) co_return base::fail(topic.error());
  const Json& message = *context.body.find("message");
  const auto subject = context.body.text_at("subject");
  std::vector<std::string> faults;
  if (!message.is_string() && !message.is_object()) faults.emplace_back("message must be a text or an object");
  if (base::to_text(message).size() > bounds::kTopicMessageBytesMax)
    faults.push_back(fmt::format("message must have at most {} bytes", bounds::kTopicMessageBytesMax));
  if (!faults.empty()) co_return base::fail(refused(std::move(faults)));
  const auto id = desk.ids.next("msg");
  Reply reply{Response::json(202, Json::object({{"messageId", id}, {"topic", topic->name}}))};
  reply.commit.event({"topic/" + topic->name, std::string(kPublished), "orderwright/topics",
                      base::to_text(Json::object({{"messageId", id},
                                                  {"topic", topic->name},
                                                  {"subject", subject.empty() ? topic->name : subject},
                                                  {"message", message},
                                                  {"by", context.principal->user.text}})),
                      desk.clock.now(), context.trace.traceparent()});
  co_return reply;
}

Json subscription_schema() {
  return Json::object({{"type", "object"},
                       {"properties", Json::object({{"subscriptionId", typed("string")},
                                                    {"protocol", typed("string")},
                                                    {"target", typed("string")},
                                                    {"filter", nullable("object")},
                                                    {"by", typed("string")},
                                                    {"createdAt", typed("string")}})}});
}

Json topic_schema() {
  return Json::object(
      {{"type", "object"},
       {"properties",
        Json::object({{"name", typed("string")},
                      {"description", typed("string")},
                      {"subscriptions", Json::object({{"type", "array"}, {"items", subscription_schema()}})}})}});
}

Json new_subscription_schema() {
  const auto protocol = Json::object({{"enum", Json::array({"mail", "webhook", "queue"})}});
  const auto filter = Json::object({{"type", "object"}, {"additionalProperties", true}});
  return closed_object(
      Json::object({{"protocol", protocol}, {"target", text_up_to(kDescriptionBytesMax)}, {"filter", filter}}),
      {"protocol", "target"});
}

Json publish_schema() {
  return closed_object(
      Json::object(
          {{"subject", text_up_to(bounds::kTopicSubjectBytesMax)},
           {"message", Json::object({{"type", Json::array({"string", "object"})}, {"additionalProperties", true}})}}),
      {"message"});
}

}  // namespace

http::Routes topic_routes(const TopicDesk& desk) {
  const auto one = [&](const char* method, const char* tail, const char* summary, http::DeskFunction<TopicDesk> handle,
                       Json body, std::pair<int, Json> answer, std::vector<http::Parameter> query = {}) {
    return operators_route(desk, method, std::string("/api/topics") + tail, summary, handle, std::move(body),
                           std::move(answer), std::move(query));
  };
  const auto published = Json::object(
      {{"type", "object"}, {"properties", Json::object({{"messageId", typed("string")}, {"topic", typed("string")}})}});
  http::Routes all;
  all.push_back(one("GET", "", "The topics with their subscriptions, by name", list, {}, {200, list_of(topic_schema())},
                    {{"limit", "Items a page, at most 50", typed("integer")},
                     {"cursor", "nextCursor of the page before", typed("string")}}));
  all.push_back(
      one("POST", "", "Makes a topic", create,
          closed_object(Json::object({{"name", typed("string")}, {"description", text_up_to(kDescriptionBytesMax)}}),
                        {"name"}),
          {201, topic_schema()}));
  all.push_back(one("GET", "/{name}", "One topic", show, {}, {200, topic_schema()}));
  all.push_back(one("DELETE", "/{name}", "Removes a topic with its subscriptions", remove, {}, {204, Json()}));
  all.push_back(one("POST", "/{name}/subscriptions",
                    "Subscribes a mail address, a webhook or a queue, with an optional filter", subscribe,
                    new_subscription_schema(), {201, subscription_schema()}));
  all.push_back(one("DELETE", "/{name}/subscriptions/{id}", "Ends a subscription", unsubscribe, {}, {204, Json()}));
  all.push_back(one("POST", "/{name}/publish", "Publishes a message to all subscriptions whose filter lets it through",
                    publish, publish_schema(), {202, published}));
  return all;
}

Task<Result<void>> prepare_topics(TopicDesk desk) {
  const auto known = co_await find_topic(desk.store, std::string(kOperatorTopic));
  if (!known) co_return base::fail(known.error());
  if (!*known) {
    const Topic topic{
        std::string(kOperatorTopic), "What operators must know: dead letters, disabled webhooks, obligations.", {}};
    const auto made = co_await desk.store.commit(put_topic(topic));
    if (!made) co_return base::fail(made.error());
  }
  std::string cursor;
  do {
    const auto page = co_await list_topics(desk.store, base::bounds::kListItemsMax, cursor);
    if (!page) co_return base::fail(page.error());
    for (const auto& topic : page->topics) {
      for (const auto& subscription : topic.subscriptions) {
        if (subscription.protocol != Protocol::queue) continue;
        const auto declared = co_await desk.queues.declare(queue_spec(subscription.target));
        if (!declared) co_return base::fail(declared.error());
      }
    }
    cursor = page->next_cursor;
  } while (!cursor.empty());
  co_return Result<void>();
}

}  // namespace ow::notify
