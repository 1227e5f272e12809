// Which events reach which queue.
#include "notify/fan_out.h"

#include <gtest/gtest.h>

#include "rules/pattern.h"

namespace ow::notify {
namespace {

std::vector<std::string> queues_of(const FanOut& fan_out, const std::string& type,
                                   const std::string& source = "orderwright/orders") {
  platform::EventDraft event;
  event.subject = "ord_1";
  event.type = type;
  event.source = source;
  std::vector<std::string> queues;
  for (const auto& target : fan_out.match(event)) queues.push_back(target.rule + ">" + target.queue);
  return queues;
}

using Texts = std::vector<std::string>;

TEST(FanOut, NobodyHearsUntilSomebodyServes) {
  const FanOut fan_out;
  EXPECT_EQ(queues_of(fan_out, "order.completed"), Texts{});
}

TEST(FanOut, EachAudienceHearsWhatItWantsOnItsOwnQueue) {
  FanOut fan_out;
  fan_out.hear(Audience::mail, mail_events());
  fan_out.hear(Audience::receipts, receipt_events());
  fan_out.hear(Audience::webhooks, {.everything = true});
  EXPECT_EQ(queues_of(fan_out, "order.completed"),
            (Texts{"fan-out/mail>mail", "fan-out/receipts>receipts", "fan-out/webhooks>webhooks"}));
  EXPECT_EQ(queues_of(fan_out, "order.failed"), (Texts{"fan-out/mail>mail", "fan-out/webhooks>webhooks"}));
  EXPECT_EQ(queues_of(fan_out, "order.cancelled"), (Texts{"fan-out/mail>mail", "fan-out/webhooks>webhooks"}));
  EXPECT_EQ(queues_of(fan_out, "payment.refunded"),
            (Texts{"fan-out/mail>mail", "fan-out/receipts>receipts", "fan-out/webhooks>webhooks"}));
  EXPECT_EQ(queues_of(fan_out, "order.created"), Texts{"fan-out/webhooks>webhooks"});
}

TEST(FanOut, WhatOutsidersNameLikeOursMakesNoMailAndNoReceipt) {
  FanOut fan_out;
  fan_out.hear(Audience::mail, mail_events());
  fan_out.hear(Audience::receipts, receipt_events());
  fan_out.hear(Audience::topics, topic_events());
  for (const auto* type :
       {"order.completed", "order.cancelled", "payment.refunded", "topic.published", "webhook.disabled"}) {
    EXPECT_EQ(queues_of(fan_out, type, "partner.shop"), Texts{}) << type;
  }
  EXPECT_EQ(queues_of(fan_out, "mail.bounced", "mail-provider"), Texts{"fan-out/mail>mail"});
  EXPECT_EQ(queues_of(fan_out, "mail.bounced"), Texts{});
}

TEST(FanOut, EndpointsMayHearWhatOutsidersTell) {
  FanOut fan_out;
  fan_out.hear(Audience::webhooks, {.types = {"parcel.sent"}, .outside_types = {"parcel.sent"}});
  EXPECT_EQ(queues_of(fan_out, "parcel.sent", "carrier"), Texts{"fan-out/webhooks>webhooks"});
}

/// What the rules that operators are shown would do.
std::vector<std::string> shown_queues_of(const FanOut& fan_out, const std::string& type, const std::string& source) {
  const auto event = base::Json::object({{"source", source}, {"detail-type", type}, {"detail", base::Json::object()}});
  std::vector<std::string> queues;
  for (const auto& rule : fan_out.as_rules()) {
    const auto pattern = rules::Pattern::compile(rule.pattern);
    EXPECT_TRUE(pattern.has_value()) << rule.name;
    EXPECT_EQ(rule.targets.size(), 1U);
    if (pattern && rule.enabled && pattern->match(event)) queues.push_back(rule.name + ">" + rule.targets[0].queue);
  }
  return queues;
}

TEST(FanOut, TheRulesThatAreShownSayWhatIsRouted) {
  const std::vector<Wanted> wishes = {{},
                                      {.everything = true},
                                      {.types = {"order.failed"}},
                                      {.outside_types = {"parcel.sent"}},
                                      {.types = {"order.failed", "parcel.sent"}, .outside_types = {"parcel.sent"}}};
  for (const auto& wish : wishes) {
    FanOut fan_out;
    fan_out.hear(Audience::mail, mail_events());
    fan_out.hear(Audience::topics, topic_events());
    fan_out.hear(Audience::webhooks, wish);
    for (const auto* type :
         {"order.completed", "order.failed", "mail.bounced", "topic.published", "parcel.sent", "x"}) {
      for (const auto* source : {"orderwright/orders", "orderwrights", "carrier"}) {
        EXPECT_EQ(shown_queues_of(fan_out, type, source), queues_of(fan_out, type, source)) << type << " of " << source;
      }
    }
  }
}

TEST(FanOut, WhatNobodyWantsAnyMoreStops) {
  FanOut fan_out;
  fan_out.hear(Audience::webhooks, {.types = {"order.failed"}});
  EXPECT_EQ(queues_of(fan_out, "order.failed"), Texts{"fan-out/webhooks>webhooks"});
  EXPECT_EQ(queues_of(fan_out, "order.completed"), Texts{});
  fan_out.hear(Audience::webhooks, {});
  EXPECT_EQ(queues_of(fan_out, "order.failed"), Texts{});
}

TEST(FanOut, TheQueuesHaveTheVisibilityAndReceivesOfTheirWork) {
  const auto queues = fan_out_queues();
  ASSERT_EQ(queues.size(), kAudiences);
  EXPECT_EQ(queues[0].name, "mail");
  EXPECT_EQ(queues[0].visibility, std::chrono::seconds(60));
  EXPECT_EQ(queues[0].receive_limit, 3);
  EXPECT_EQ(queues[1].name, "receipts");
  EXPECT_EQ(queues[1].visibility, std::chrono::seconds(120));
  EXPECT_EQ(queues[1].receive_limit, 3);
  EXPECT_EQ(queues[2].name, "topics");
  EXPECT_EQ(queues[3].name, "webhooks");
}

}  // namespace
}  // namespace ow::notify
