// The payment protocol: asks before it repeats and never guesses. Test thread only.
#include "payments/charge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "payments/scripted_gateway.h"
#include "platform/await.h"

namespace ow::tests {
namespace {

using payments::Outcome;
using platform::await;
using platform::PaymentResult;
using testing::ElementsAre;
using Kind = PaymentResult::Kind;

base::Error lost() { return {base::ErrorCode::timed_out, "no_answer", "The gateway did not answer."}; }
base::Error away() { return {base::ErrorCode::unavailable, "refused", "The gateway is away."}; }

struct ChargeTest : testing::Test {
  Outcome try_charge(bool asked_before) {
    return await(payments::try_charge(gateway, {"k", base::OrderId("ord_1"), {100, {}}, "", ""}, asked_before));
  }
  ScriptedGateway gateway;
};

TEST_F(ChargeTest, a_first_attempt_charges_without_asking) {
  gateway.charges.push_back(PaymentResult{Kind::approved, "pay_1", ""});
  EXPECT_EQ(try_charge(false).kind, Outcome::Kind::done);
  EXPECT_THAT(gateway.calls, ElementsAre("charge k"));
}

TEST_F(ChargeTest, a_decline_is_known) {
  gateway.charges.push_back(PaymentResult{Kind::declined, "pay_1", "card_declined"});
  const auto outcome = try_charge(false);
  EXPECT_EQ(outcome.kind, Outcome::Kind::declined);
  EXPECT_EQ(outcome.reason, "card_declined");
}

TEST_F(ChargeTest, a_lost_answer_is_asked_for_at_once) {
  gateway.charges.emplace_back(base::fail(lost()));
  gateway.look_ups.emplace_back(PaymentResult{Kind::approved, "pay_1", ""});
  EXPECT_EQ(try_charge(false).kind, Outcome::Kind::done);
  EXPECT_THAT(gateway.calls, ElementsAre("charge k", "look_up k"));
}

TEST_F(ChargeTest, a_lost_answer_that_is_not_found_stays_unknown) {
  gateway.charges.emplace_back(base::fail(lost()));
  gateway.look_ups.emplace_back(std::nullopt);
  EXPECT_EQ(try_charge(false).kind, Outcome::Kind::unknown);
}

TEST_F(ChargeTest, a_refused_connection_needs_no_question) {
  gateway.charges.emplace_back(base::fail(away()));
  EXPECT_EQ(try_charge(false).kind, Outcome::Kind::unknown);
  EXPECT_THAT(gateway.calls, ElementsAre("charge k"));
}

TEST_F(ChargeTest, a_later_attempt_asks_first_and_does_not_repeat_what_was_done) {
  gateway.look_ups.emplace_back(PaymentResult{Kind::approved, "pay_1", ""});
  EXPECT_EQ(try_charge(true).kind, Outcome::Kind::done);
  EXPECT_THAT(gateway.calls, ElementsAre("look_up k"));
}

TEST_F(ChargeTest, a_later_attempt_that_cannot_ask_does_not_charge) {
  gateway.look_ups.emplace_back(base::fail(lost()));
  EXPECT_EQ(try_charge(true).kind, Outcome::Kind::unknown);
  EXPECT_THAT(gateway.calls, ElementsAre("look_up k"));
}

TEST_F(ChargeTest, a_later_attempt_charges_what_the_gateway_never_saw) {
  gateway.look_ups.emplace_back(std::nullopt);
  gateway.charges.push_back(PaymentResult{Kind::approved, "pay_1", ""});
  EXPECT_EQ(try_charge(true).kind, Outcome::Kind::done);
  EXPECT_THAT(gateway.calls, ElementsAre("look_up k", "charge k"));
}

TEST_F(ChargeTest, a_void_tells_whether_the_charge_was_made) {
  gateway.voids.push_back(PaymentResult{Kind::approved, "pay_1", ""});
  gateway.voids.push_back(PaymentResult{Kind::voided, "pay_1", ""});
  gateway.voids.emplace_back(base::fail(lost()));
  EXPECT_EQ(await(payments::try_void(gateway, "k", "")).kind, Outcome::Kind::done);
  EXPECT_EQ(await(payments::try_void(gateway, "k", "")).kind, Outcome::Kind::voided);
  EXPECT_EQ(await(payments::try_void(gateway, "k", "")).kind, Outcome::Kind::unknown);
}

TEST(ChargeKeyTest, an_order_has_one_key_for_its_charge_and_another_for_its_undoing) {
  const base::OrderId order("ord_1");
  EXPECT_EQ(payments::charge_key(order), payments::charge_key(order));
  EXPECT_NE(payments::charge_key(order), payments::undo_key(order));
  EXPECT_NE(payments::charge_key(order), payments::charge_key(base::OrderId("ord_2")));
}

}  // namespace
}  // namespace ow::tests
