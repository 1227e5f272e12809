// See fan_out.h.
#include "notify/fan_out.h"

#include "platform/event_source.h"

namespace ow::notify {
namespace {

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
    {{Audience::mail, kMailQueue}, {Audience::receipts, kReceiptQueue}, {Audience::topics, kTopicsQueue}, {Audience::webhooks, kWebhookQueue}}};

platform::QueueSpec fair(std::string_view name, base::Duration visibility, int receive_limit) {
  return {std::string(name), platform::QueueKind::fair, visibility, receive_limit};
}

}  // namespace

std::vector<platform::QueueSpec> fan_out_queues() {
  return {fair(kMailQueue, kMailVisibility, kReceivesMax),
          fair(kReceiptQueue, kReceiptVisibility, kReceivesMax),
          fair(kTopicsQueue, kTopicVisibility, kWebhookReceivesMax),
          fair(kWebhookQueue, kWebhookVisibility, kWebhookReceivesMax)};
}

Wanted mail_events() {
  return {.types = {"order.completed", "order.failed", "order.cancelled", "payment.refunded"}, .outside_types = {"mail.bounced"}};
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

std::vector<platform::RuleTarget> FanOut::match(const platform::EventDraft& event) const {
  const auto wanted = all();
  const bool from_outside = platform::is_outside_source(event.source);
  std::vector<platform::RuleTarget> targets;
  for (const auto& [audience, queue] : kRules) {
    if (!wanted->at(static_cast<std::size_t>(audience)).has(event.type, from_outside)) continue;
    // A slash, so that no operator's rule has the name.
    targets.push_back({.rule = "fan-out/" + std::string(queue), .queue = std::string(queue)});
  }
  return targets;
}

}  // namespace ow::notify
