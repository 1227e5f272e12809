// See fan_out.h.
#include "notify/fan_out.h"

#include "platform/event_source.h"

namespace ow::notify {
namespace {

using base::Json;
using namespace std::chrono_literals;

constexpr int kReceivesMax = 3;
constexpr auto kMailVisibility = 60s;
constexpr auto kReceiptVisibility = 120s;
constexpr auto kTopicVisibility = 30s;
constexpr auto kWebhookVisibility = 30s;
// Telling the endpoints apart calls nobody outside, so only the store's bad weather is in the way.
constexpr int kWebhookReceivesMax = 10;

// In order of rule name, as match() promises.
constexpr std::array<std::pair<Audience, std::string_view>, kAudiences> kRules = {
    {{Audience::mail, kMailQueue},
     {Audience::receipts, kReceiptQueue},
     {Audience::topics, kTopicsQueue},
     {Audience::webhooks, kWebhookQueue}}};

std::string rule_name(std::string_view queue) {
  // A slash, so that no operator's rule has the name.
  return "fan-out/" + std::string(queue);
}

const char* description_of(Audience audience) {
  switch (audience) {
    case Audience::mail:
      return "Mails to customers, and mails that came back";
    case Audience::receipts:
      return "Receipts and credit notes";
    case Audience::topics:
      return "What is published to topics, and what operators are told of through one";
    case Audience::webhooks:
      return "What the enabled webhook endpoints subscribed to";
  }
  return "";
}

Json texts(const Wanted::Types& types) {
  auto all = Json::array();
  for (const auto& type : types) all.push_back(type);
  return all;
}

// No event from outside has such a source (platform/event_source.h), every one of the platform's own has.
Json own_types(const Wanted::Types& types) {
  return Json::object(
      {{"source", Json::array({Json::object({{"prefix", "orderwright/"}})})}, {"detail-type", texts(types)}});
}

Json outside_types(const Wanted::Types& types) {
  const auto ours = Json::object({{"prefix", "orderwright/"}});
  return Json::object(
      {{"source", Json::array({Json::object({{"anything-but", ours}})})}, {"detail-type", texts(types)}});
}

bool hears_nothing(const Wanted& wanted) {
  return !wanted.everything && wanted.types.empty() && wanted.outside_types.empty();
}

/// The EventBridge pattern of the same events.
Json pattern_of(const Wanted& wanted) {
  const bool nothing = hears_nothing(wanted);
  if (wanted.everything || nothing) {
    return Json::object({{"source", Json::array({Json::object({{"exists", !nothing}})})}});
  }
  if (wanted.outside_types.empty()) return own_types(wanted.types);
  if (wanted.types.empty()) return outside_types(wanted.outside_types);
  return Json::object({{"$or", Json::array({own_types(wanted.types), outside_types(wanted.outside_types)})}});
}

platform::QueueSpec fair(std::string_view name, base::Duration visibility, int receive_limit) {
  return {std::string(name), platform::QueueKind::fair, visibility, receive_limit};
}

}  // namespace

std::vector<platform::QueueSpec> fan_out_queues() {
  return {fair(kMailQueue, kMailVisibility, kReceivesMax), fair(kReceiptQueue, kReceiptVisibility, kReceivesMax),
          fair(kTopicsQueue, kTopicVisibility, kWebhookReceivesMax),
          fair(kWebhookQueue, kWebhookVisibility, kWebhookReceivesMax)};
}

Wanted mail_events() {
  return {.types = {"order.completed", "order.failed", "order.cancelled", "payment.refunded"},
          .outside_types = {"mail.bounced"}};
}

Wanted receipt_events() { return {.types = {"order.completed", "payment.refunded"}}; }

Wanted topic_events() {
  return {.types = {"topic.published", "queue.dead-lettered", "webhook.disabled", "webhook.failing",
                    "operator.obligation-overdue"}};
}

void FanOut::hear(Audience audience, Wanted wanted) {
  const std::lock_guard lock(mutex_);
  auto next = std::make_shared<All>(*all_);
  next->at(static_cast<std::size_t>(audience)) = std::move(wanted);
  all_ = std::move(next);
}

std::shared_ptr<const FanOut::All> FanOut::all() const {
  const std::lock_guard lock(mutex_);
  return all_;
}

std::vector<rules::Rule> FanOut::as_rules() const {
  const auto wanted = all();
  std::vector<rules::Rule> shown;
  for (const auto& [audience, queue] : kRules) {
    const auto& heard = wanted->at(static_cast<std::size_t>(audience));
    shown.push_back({.name = rule_name(queue),
                     .description = description_of(audience),
                     .pattern = pattern_of(heard),
                     .enabled = !hears_nothing(heard),
                     .targets = {{.queue = std::string(queue)}},
                     .dead_letter_queue = std::string(queue) + ".dlq"});
  }
  return shown;
}

std::vector<platform::RuleTarget> FanOut::match(const platform::EventDraft& event) const {
  const auto wanted = all();
  const bool from_outside = platform::is_outside_source(event.source);
  std::vector<platform::RuleTarget> targets;
  for (const auto& [audience, queue] : kRules) {
    if (!wanted->at(static_cast<std::size_t>(audience)).has(event.type, from_outside)) continue;
    targets.push_back({.rule = rule_name(queue), .queue = std::string(queue)});
  }
  return targets;
}

}  // namespace ow::notify
