// A person's data in the composed program: what the export lists, and what an erasure leaves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/binary.h"
#include "app/composed_world.h"

namespace ow::tests {
namespace {

using namespace std::chrono_literals;
using base::Json;
using testing::HasSubstr;
using testing::Not;

class ComposedPersonTest : public testing::Test {
 protected:
  ComposedPersonTest() {
    world_.world.mail_server.set_fate([](const platform::OutgoingMail& mail) {
      return mail.recipient.starts_with("gone@") ? sim::MailFault::refused : sim::MailFault::none;
    });
  }
  std::string settled(const std::string& email) {
    auto order = base::parse_json(mug_order(1, "")).value();
    order.set("customerEmail", email);
    const auto answer = world_.call("POST", "/api/orders", "demo-shopper", base::to_text(order));
    EXPECT_EQ(answer.status, 201) << answer.body;
    auto id = text_of(base::parse_json(answer.body).value_or(Json()), "orderId");
    world_.settle(id);
    world_.world.scheduler.run_for(20s);
    return id;
  }
  /// The token is got before: an erased person cannot sign in.
  void erase() {
    const auto erased = world_.call("POST", "/api/persons/me/erase", "demo-shopper", R"({"reason":"as asked"})");
    EXPECT_EQ(erased.status, 200) << erased.body;
  }
  Json items(const std::string& path) { return *world_.get(path).find("items"); }

  ComposedWorld world_;
};

TEST_F(ComposedPersonTest, the_export_lists_mails_receipts_and_suppressed_addresses) {
  const auto order = settled("ann@example.org");
  settled("gone@example.org");
  const auto all = world_.get("/api/persons/me/export", "demo-shopper");
  const auto& told = *all.find("notifications");
  ASSERT_EQ(told.find("mails")->as_array().size(), 2U);
  ASSERT_EQ(told.find("receipts")->as_array().size(), 2U);
  const auto text = base::to_text(told);
  EXPECT_THAT(text, HasSubstr("R-00000001"));
  EXPECT_THAT(text, HasSubstr("Your order " + order + " is confirmed")) << "the text that is kept";
  ASSERT_EQ(told.find("suppressedAddresses")->as_array().size(), 1U);
  EXPECT_EQ(text_of(told.find("suppressedAddresses")->as_array()[0], "address"), "gone@example.org");
}

TEST_F(ComposedPersonTest, an_erasure_reaches_mails_and_suppressions_and_leaves_the_receipt) {
  const auto order = settled("ann@example.org");
  settled("gone@example.org");
  const auto before = base::to_text(items("/api/receipts"));
  const auto mail = text_of(items("/api/mails?order=" + order).as_array().at(0), "mailId");
  erase();
  EXPECT_TRUE(items("/api/mails").as_array().empty());
  EXPECT_EQ(world_.call("GET", "/api/mails/" + mail, "demo-operator").status, 404);
  EXPECT_TRUE(items("/api/mail/suppressions").as_array().empty());
  EXPECT_EQ(base::to_text(items("/api/receipts")), before) << "an accounting document stays as it was";
  const auto shown = world_.get("/api/orders/" + order);
  EXPECT_THAT(base::to_text(shown), Not(HasSubstr("ann@")));
  EXPECT_EQ(text_of(shown, "status"), "completed");
}

TEST_F(ComposedPersonTest, after_an_erasure_nothing_is_sent_to_the_person_any_more) {
  const auto order = settled("ann@example.org");
  erase();
  const auto sent = world_.world.mail_server.taken().size();
  const auto refunded =
      world_.call("POST", "/api/orders/" + order + "/refund", "demo-operator", R"({"reason":"broken"})");
  EXPECT_EQ(refunded.status, 202) << refunded.body;
  world_.world.scheduler.run_for(60s);
  EXPECT_EQ(world_.world.mail_server.taken().size(), sent);
  EXPECT_TRUE(items("/api/mails").as_array().empty());
  EXPECT_EQ(items("/api/receipts").as_array().size(), 2U) << "the credit note is written all the same";
}

TEST_F(ComposedPersonTest, an_erasure_of_one_person_leaves_what_is_of_others) {
  settled("ann@example.org");
  world_.call("POST", "/api/mail/suppressions", "demo-operator", R"({"address":"ben@example.org","reason":"asked"})");
  erase();
  EXPECT_EQ(items("/api/mail/suppressions").as_array().size(), 1U);
}

}  // namespace
}  // namespace ow::tests
