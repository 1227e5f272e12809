// The fan-out: which events go to the three queues of those who must hear, each with its own dead-letter queue, so
// that one slow or dead consumer never delays another. An audience that nobody serves hears nothing and costs
// nothing. match() runs on the commit lane, hear() on the loop thread.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "platform/event_rules.h"
#include "platform/queues.h"
#include "rules/rule.h"

namespace ow::notify {

enum class Audience : std::uint8_t { mail, receipts, topics, webhooks };
inline constexpr std::size_t kAudiences = 4;

inline constexpr std::string_view kMailQueue = "mail";
inline constexpr std::string_view kReceiptQueue = "receipts";
inline constexpr std::string_view kTopicsQueue = "topics";
inline constexpr std::string_view kWebhookQueue = "webhooks";

/// The queues: fair by the event's subject. A message's body is the EventBridge form of its event.
std::vector<platform::QueueSpec> fan_out_queues();

/// Types of events. What the platform itself tells and what others hand in (docs/ingest.md) are kept apart: nobody
/// outside can make a receipt or a mail to a customer by naming an event like one of ours. `everything` wins.
struct Wanted {
  using Types = std::set<std::string, std::less<>>;

  bool everything = false;
  Types types = {};          // of the platform's own events
  Types outside_types = {};  // of events from outside sources

  bool has(std::string_view type, bool from_outside) const {
    return everything || (from_outside ? outside_types : types).contains(type);
  }
  bool operator==(const Wanted&) const = default;
};

/// The ends of an order that its customer is told of by mail, with mails that came back; those that make receipts and
/// credit notes; what is published, and what operators are told of through a topic.
Wanted mail_events();
Wanted receipt_events();
Wanted topic_events();

class FanOut final : public platform::EventRules {
 public:
  /// From now on the audience's queue gets these events. Declare the queue before: an event that is routed to a
  /// queue nobody declared cannot be committed. Events that are being committed meanwhile go either way.
  void hear(Audience audience, Wanted wanted);

  /// What the audiences hear now, as rules that operators read: match() routes by it. One that hears nothing is disabled.
  std::vector<rules::Rule> as_rules() const;

  /// In order of rule name: `fan-out/` and the queue's.
  std::vector<platform::RuleTarget> match(const platform::EventDraft& event) const override;

 private:
  using All = std::array<Wanted, kAudiences>;
  std::shared_ptr<const All> all() const;

  mutable std::mutex mutex_;
  std::shared_ptr<const All> all_ = std::make_shared<const All>();
};

}  // namespace ow::notify
