// Mail, receipts and topics in the composed program: who hears what, how often, and what operators can do about it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "app/binary.h"
#include "app/composed_world.h"
#include "http/standard_webhooks.h"

namespace ow::tests {
namespace {

using namespace std::chrono_literals;
using base::Json;
using sim::MailFault;
using testing::HasSubstr;

class ComposedMailTest : public testing::Test {
 protected:
  std::string place(const std::string& email, const std::string& token = "") {
    auto order = base::parse_json(mug_order(1, token)).value();
    if (!email.empty()) order.set("customerEmail", email);
    const auto answer = world_.call("POST", "/api/orders", "demo-shopper", base::to_text(order));
    EXPECT_EQ(answer.status, 201) << answer.body;
    return text_of(base::parse_json(answer.body).value_or(Json()), "orderId");
  }
  /// Places an order, and runs until it has ended and everybody was told.
  std::string settled(const std::string& email, const std::string& token = "") {
    auto id = place(email, token);
    world_.settle(id);
    world_.world.scheduler.run_for(20s);
    return id;
  }
  const std::vector<sim::SimMailServer::Taken>& taken() { return world_.world.mail_server.taken(); }
  Json mails(const std::string& query) { return *world_.get("/api/mails?" + query).find("items"); }
  Json post(const std::string& path, const std::string& body, int status) {
    const auto answer = world_.call("POST", path, "demo-operator", body);
    EXPECT_EQ(answer.status, status) << path << ": " << answer.body;
    return answer.body.empty() ? Json() : base::parse_json(answer.body).value_or(Json());
  }

  ComposedWorld world_;
};

TEST_F(ComposedMailTest, each_end_of_an_order_is_told_once_to_its_customer) {
  const auto done = settled("ann@example.org");
  const auto failed = settled("ben@example.org", "tok_decline");
  settled("");
  ASSERT_EQ(taken().size(), 2U);
  EXPECT_EQ(taken()[0].mail.recipient, "ann@example.org");
  EXPECT_THAT(taken()[0].mail.bytes, HasSubstr("Subject: Your order " + done + " is confirmed"));
  EXPECT_EQ(taken()[1].mail.recipient, "ben@example.org");
  EXPECT_THAT(taken()[1].mail.bytes, HasSubstr("could not be completed"));
  const auto listed = mails("order=" + failed);
  ASSERT_EQ(listed.as_array().size(), 1U);
  EXPECT_EQ(text_of(listed.as_array()[0], "status"), "sent");
  EXPECT_EQ(base::to_text(listed).find("ben@"), std::string::npos) << "a record of a mail names nobody";
}

TEST_F(ComposedMailTest, a_4xx_is_tried_three_times_then_a_dead_letter_stands_and_can_be_redriven) {
  world_.world.mail_server.set_fate([](const auto&) { return MailFault::postponed; });
  const auto id = settled("ann@example.org");
  world_.world.scheduler.run_for(20min);
  EXPECT_TRUE(taken().empty());
  auto mail = mails("order=" + id).as_array().at(0);
  EXPECT_EQ(text_of(mail, "status"), "dead");
  EXPECT_EQ(mail.integer_at("attempts"), 3);
  EXPECT_THAT(text_of(mail, "answer"), HasSubstr("greylisted"));
  world_.world.mail_server.set_fate([](const auto&) { return MailFault::none; });
  ASSERT_EQ(world_.waiting_in("mail.dlq"), 1U);
  world_.redrive("mail");
  world_.world.scheduler.run_for(1min);
  EXPECT_EQ(taken().size(), 1U);
  EXPECT_EQ(text_of(mails("order=" + id).as_array().at(0), "status"), "sent");
}

TEST_F(ComposedMailTest, a_5xx_ends_the_mail_with_its_reason_and_suppresses_the_address) {
  world_.world.mail_server.set_fate([](const auto&) { return MailFault::refused; });
  const auto id = settled("Ann@example.org");
  const auto mail = mails("order=" + id).as_array().at(0);
  EXPECT_EQ(text_of(mail, "status"), "refused");
  EXPECT_EQ(mail.integer_at("code"), 550);
  EXPECT_EQ(mail.integer_at("attempts"), 1);
  world_.world.mail_server.set_fate([](const auto&) { return MailFault::none; });
  const auto second = settled("ann@example.org");
  EXPECT_EQ(text_of(mails("order=" + second).as_array().at(0), "status"), "suppressed");
  EXPECT_TRUE(taken().empty());
  const auto list = world_.get("/api/mail/suppressions?address=ann@example.org");
  const auto suppression = text_of(list.find("items")->as_array().at(0), "suppressionId");
  EXPECT_EQ(world_.call("DELETE", "/api/mail/suppressions/" + suppression, "demo-operator").status, 204);
  const auto sent_again = text_of(mail, "mailId");
  post("/api/mails/" + sent_again + "/resend", R"({"reason":"the mailbox was made"})", 202);
  world_.world.scheduler.run_for(20s);
  ASSERT_EQ(taken().size(), 1U);
  EXPECT_EQ(taken()[0].mail.message_id, sent_again + ".1@localhost");
}

TEST_F(ComposedMailTest, a_missing_answer_repeats_the_mail_under_the_same_message_id) {
  int sent = 0;
  world_.world.mail_server.set_fate([&](const auto&) { return ++sent == 1 ? MailFault::reply_lost : MailFault::none; });
  settled("ann@example.org");
  world_.world.scheduler.run_for(5min);
  ASSERT_EQ(taken().size(), 2U);
  EXPECT_EQ(taken()[0].mail.message_id, taken()[1].mail.message_id);
  EXPECT_EQ(taken()[0].mail.bytes, taken()[1].mail.bytes);
}

TEST_F(ComposedMailTest, templates_have_versions_that_are_previewed_activated_and_rolled_back) {
  const auto bad = world_.call("POST", "/api/mail/templates/order.completed/versions", "demo-operator",
                               R"({"subject":"x","text":"{{orderID}}","html":"{{#items}}"})");
  EXPECT_EQ(bad.status, 422);
  EXPECT_THAT(bad.body, HasSubstr("never closed"));
  const std::string draft =
      R"({"subject":"Danke: {{orderId}}","text":"{{total}} {{currency}}","html":"<p>{{retailer.name}}</p>"})";
  const auto made = post("/api/mail/templates/order.completed/versions", draft, 201);
  EXPECT_EQ(made.integer_at("version"), 2);
  EXPECT_EQ(made.bool_at("active"), false);
  const auto preview = post("/api/mail/templates/order.completed/preview", R"({"version":2})", 200);
  EXPECT_EQ(text_of(preview, "text"), "24.30 EUR");
  post("/api/mail/templates/order.completed/activate", R"({"version":2})", 200);
  settled("ann@example.org");
  ASSERT_EQ(taken().size(), 1U);
  EXPECT_THAT(taken()[0].mail.bytes, HasSubstr("Subject: Danke: ord_"));
  const auto back = post("/api/mail/templates/order.completed/roll-back", "{}", 200);
  EXPECT_EQ(back.integer_at("activeVersion"), 1);
  EXPECT_EQ(
      world_.call("POST", "/api/mail/templates/order.completed/activate", "demo-operator", R"({"version":9})").status,
      404);
  EXPECT_EQ(world_.call("GET", "/api/mail/templates", "demo-shopper").status, 403);
}

TEST_F(ComposedMailTest, a_signed_bounce_suppresses_the_address_and_a_forged_one_does_nothing) {
  const auto made = world_.call("POST", "/api/event-sources", "demo-admin", R"({"source":"mailer"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::vector<http::standard_webhooks::SigningSecret> secrets{
      http::standard_webhooks::SigningSecret::parse(text_of(base::parse_json(made.body).value(), "secret")).value()};
  const auto order = settled("ann@example.org");
  const auto bounce = [&](const std::string& id, bool forged) {
    const auto mail = mails("order=" + order).as_array().at(0);
    const auto body = R"({"source":"mailer","detail-type":"mail.bounced","detail":{"messageId":"<)" +
                      text_of(mail, "messageId") +
                      R"(>","kind":"hard","reason":"5.1.1 no such mailbox ann@example.org"}})";
    const auto at = world_.world.clock.now();
    const auto answer = world_.call(
        "POST", "/webhooks/ingest", "", body,
        {{"webhook-id", id},
         {"webhook-timestamp", std::to_string(at.unix_s())},
         {"webhook-signature", http::standard_webhooks::sign(secrets, id, at, forged ? body + " " : body)}});
    world_.world.scheduler.run_for(5s);
    return answer.status;
  };
  EXPECT_EQ(bounce("bounce-0", true), 401);
  EXPECT_EQ(text_of(mails("order=" + order).as_array().at(0), "status"), "sent");
  EXPECT_EQ(bounce("bounce-1", false), 202);
  EXPECT_EQ(bounce("bounce-1", false), 202) << "the same again";
  EXPECT_EQ(text_of(mails("order=" + order).as_array().at(0), "status"), "bounced");
  const auto suppressed = world_.get("/api/mail/suppressions");
  ASSERT_EQ(suppressed.find("items")->as_array().size(), 1U);
  EXPECT_EQ(base::to_text(suppressed).find("ann@"), std::string::npos) << "only a hint is kept";
  const auto next = settled("ann@example.org");
  EXPECT_EQ(text_of(mails("order=" + next).as_array().at(0), "status"), "suppressed");
  EXPECT_EQ(taken().size(), 1U);
}

TEST_F(ComposedMailTest, a_topic_tells_its_subscribers_what_their_filter_lets_through) {
  post("/api/topics", R"({"name":"stock-news","description":"What is new"})", 201);
  post("/api/topics/stock-news/subscriptions", R"({"protocol":"mail","target":"buyer@example.org"})", 201);
  post("/api/topics/stock-news/subscriptions", R"({"protocol":"queue","target":"topic-erp","filter":{"kind":["mug"]}})",
       201);
  const auto bad = world_.call("POST", "/api/topics/stock-news/subscriptions", "demo-operator",
                               R"({"protocol":"queue","target":"mail","filter":{"kind":"mug"}})");
  EXPECT_EQ(bad.status, 422);
  EXPECT_THAT(bad.body, HasSubstr("topic-"));
  EXPECT_THAT(bad.body, HasSubstr("filter: "));
  post("/api/topics/stock-news/publish", R"({"subject":"News\r\nBcc: x@y","message":{"kind":"mug","text":"<b>"}})",
       202);
  post("/api/topics/stock-news/publish", R"({"message":"plain words"})", 202);
  world_.world.scheduler.run_for(10s);
  ASSERT_EQ(taken().size(), 2U);
  std::set<std::string> recipients;
  for (const auto& one : taken()) {
    recipients.insert(one.mail.recipient);
    const auto head = one.mail.bytes.substr(0, one.mail.bytes.find("\r\n\r\n"));
    EXPECT_EQ(head.find("\r\nBcc:"), std::string::npos);
  }
  EXPECT_EQ(recipients, (std::set<std::string>{"buyer@example.org"}));
  EXPECT_EQ(world_.waiting_in("topic-erp"), 1U);
}

TEST_F(ComposedMailTest, operators_hear_of_dead_letters_through_their_topic) {
  post("/api/topics/operator-notices/subscriptions", R"({"protocol":"mail","target":"night-shift@example.org"})", 201);
  world_.world.mail_server.set_fate(
      [](const auto& mail) { return mail.recipient.starts_with("ann") ? MailFault::postponed : MailFault::none; });
  settled("ann@example.org");
  world_.world.scheduler.run_for(20min);
  ASSERT_EQ(taken().size(), 1U);
  EXPECT_EQ(taken()[0].mail.recipient, "night-shift@example.org");
  EXPECT_THAT(taken()[0].mail.bytes, HasSubstr("queue.dead-lettered: mail.dlq"));
  EXPECT_EQ(world_.call("DELETE", "/api/topics/operator-notices", "demo-operator").status, 409);
}

}  // namespace
}  // namespace ow::tests
