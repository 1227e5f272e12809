// See expansion.h.
#include "notify/webhooks/expansion.h"

#include "notify/topics/announcement.h"
#include "notify/webhooks/bounds.h"

namespace ow::notify::webhooks {
namespace {

using base::Json;

constexpr std::size_t kParallelMax = 64;
constexpr std::string_view kContinues = "subject";  // member of a message that goes on with one

platform::Key mark_key(const std::string& subject) { return {"webhook-subject", subject}; }

struct News {
  std::string subject;
  bool continues = false;  // goes on with endpoints that were not told yet
};

/// What a message is about: `{"subject": …}` of our own, or the EventBridge form of an event.
base::Result<News> news_of(const std::string& body) {
  const auto json = base::parse_json(body);
  if (json && json->string_at(kContinues)) return News{std::string(*json->string_at(kContinues)), true};
  const auto* resources = json ? json->find("resources") : nullptr;
  if (resources != nullptr && resources->is_array() && !resources->as_array().empty()) {
    return News{resources->as_array().front().as_string()};
  }
  return base::fail(base::ErrorCode::internal, "bad_message", "This is no event.");
}

platform::OutMessage go_on(const std::string& subject, std::uint64_t last, const std::string& after) {
  platform::OutMessage message;
  message.queue = kWebhookQueue;
  message.id = base::MessageId(subject + "/" + std::to_string(last) + "/" + after);
  message.group = subject;
  message.body = base::to_text(Json::object({{std::string(kContinues), subject}}));
  return message;
}

}  // namespace

DeliveryRecord delivery_of(const platform::Event& event, const std::string& endpoint, base::Instant now) {
  DeliveryRecord delivery;
  delivery.endpoint = endpoint;
  delivery.event = event.id.text;
  delivery.subject = event.subject;
  delivery.number = event.number;
  delivery.type = event.type;
  delivery.created = now;
  return delivery;
}

platform::ConsumerSpec Expansion::consumer() {
  return {std::string(kWebhookQueue), kParallelMax,
          [this](platform::Delivery delivery) { return handle(std::move(delivery)); }};
}

base::Task<base::Result<Expansion::Mark>> Expansion::read_mark(std::string subject) {
  const auto record = co_await platform::get_one(ports_.store, mark_key(subject));
  if (!record) co_return base::fail(record.error());
  Mark mark;
  if (!*record) co_return mark;
  const auto json = base::parse_json((*record)->value).value_or(Json::object());
  mark.last = static_cast<std::uint64_t>(json.integer_at("last").value_or(0));
  mark.after = json.string_at("after").value_or("");
  mark.wakes = static_cast<std::uint64_t>(json.integer_at("wakes").value_or(0));
  mark.version = (*record)->version;
  co_return mark;
}

base::Task<base::Result<platform::Commit>> Expansion::handle(platform::Delivery delivery) {
  const auto news = news_of(delivery.body);
  if (!news) co_return base::fail(news.error());
  auto mark = co_await read_mark(news->subject);
  if (!mark) co_return base::fail(std::move(mark.error()));
  if (!mark->after.empty() && !news->continues) {
    // Another message is on its way through the endpoints. It must look at the log again before it ends, so its
    // commit is made to conflict.
    Step wake{*mark, {}, {}, true};
    ++wake.mark.wakes;
    co_return co_await carry_out(news->subject, std::move(wake));
  }
  auto step = co_await plan(news->subject, *mark);
  if (!step) co_return base::fail(std::move(step.error()));
  co_return co_await carry_out(news->subject, std::move(*step));
}

base::Task<base::Result<Expansion::Step>> Expansion::plan(std::string subject, Mark mark) {
  auto events = co_await ports_.event_log.by_subject(subject, mark.last, kSubjectEventsMax);
  if (!events) co_return base::fail(std::move(events.error()));
  const auto endpoints = co_await registry_.all();
  if (!endpoints) co_return base::fail(endpoints.error());
  Step step{std::move(mark), {}, {}, events->size() == kSubjectEventsMax};
  // Of a subject without a mark, what is older than marks are kept for was told, or is nobody's any more.
  const auto forgotten = ports_.clock.now() - kKept;
  for (auto& event : *events) {
    const bool told = step.mark.version == 0 && event.time < forgotten;
    const auto published = told ? base::Result<Published>() : co_await ports_.publish(event);
    if (!published) co_return base::fail(published.error());
    const bool announced = !told && is_announced(event);
    const auto by_topic = announced ? co_await topic_listeners(ports_.store, event) : base::Result<EndpointIds>();
    if (!by_topic) co_return base::fail(by_topic.error());
    for (auto at = (*endpoints)->upper_bound(step.mark.after); !told && at != (*endpoints)->end(); ++at) {
      const auto& endpoint = *at->second;
      if (endpoint.status == Status::disabled || event.id.text <= endpoint.since) continue;
      if (!wants(endpoint, *published) && !by_topic->contains(endpoint.id)) continue;
      if (step.targets.size() == kStepDeliveriesMax) {
        step.more = true;
        co_return step;
      }
      step.frozen.try_emplace(event.id.text, base::to_text(published->cloud_event));
      step.targets.push_back({event, at->second});
      step.mark.after = endpoint.id;
    }
    step.mark.last = event.number;
    step.mark.after.clear();
  }
  co_return step;
}

base::Task<base::Result<platform::Commit>> Expansion::carry_out(std::string subject, Step step) {
  platform::Commit commit;
  if (step.targets.empty() && step.frozen.empty() && !step.more && step.mark.version == 0 && step.mark.last == 0) {
    co_return commit;
  }
  const auto now = ports_.clock.now();
  std::map<std::string, Lane> lanes;
  std::vector<platform::Key> keys;
  std::vector<std::string> ids;
  for (const auto& target : step.targets) {
    if (!lanes.try_emplace(target.endpoint->id).second) continue;
    ids.push_back(target.endpoint->id);
    keys.push_back(lane_key(target.endpoint->id, subject));
  }
  const auto records = co_await ports_.store.get(std::move(keys));
  if (!records) co_return base::fail(records.error());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    auto lane = lane_from(ids[i], subject, records->at(i).get(), now);
    if (!lane) co_return base::fail(std::move(lane.error()));
    lanes[ids[i]] = std::move(*lane);
  }
  for (const auto& [event, body] : step.frozen) commit.put(frozen_record(event, body, now));
  for (const auto& target : step.targets) {
    const auto& endpoint = *target.endpoint;
    enqueue(commit, lanes[endpoint.id], delivery_of(target.event, endpoint.id, now), endpoint.status == Status::active,
            now);
  }
  for (const auto& [id, lane] : lanes) put_lane(commit, lane);
  auto json = Json::object({{"last", step.mark.last}});
  if (!step.mark.after.empty()) json.set("after", step.mark.after);
  if (step.mark.wakes != 0) json.set("wakes", step.mark.wakes);
  platform::Record record{mark_key(subject), "webhook-subject", 1, base::to_text(json)};
  record.expires = now + kSubjectKept;
  commit.put(std::move(record), platform::Expect::at(step.mark.version));
  if (step.more) commit.send(go_on(subject, step.mark.last, step.mark.after));
  co_return commit;
}

}  // namespace ow::notify::webhooks
