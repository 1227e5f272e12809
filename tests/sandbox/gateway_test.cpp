// The simulated gateway's promises: one effect a key, voids for ever, tokens as published, a ledger that
// survives. Test thread only.
#include <gtest/gtest.h>

#include <fmt/core.h>

#include "sandbox/gateway_host.h"

namespace ow::tests {
namespace {

using namespace std::chrono_literals;

struct GatewayTest : testing::Test {
  http::Response charge(const std::string& key, const std::string& token = "", const std::string& amount = "19.90") {
    return host.send("POST", "/charges",
                     fmt::format(R"({{"key":"{}","orderId":"ord_1","amount":{},"currency":"EUR","paymentToken":"{}"}})",
                                 key, amount, token),
                     {{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}});
  }
  http::Response refund(const std::string& key, const std::string& charge_key, const std::string& amount) {
    return host.send("POST", "/refunds",
                     fmt::format(R"({{"key":"{}","chargeKey":"{}","orderId":"ord_1","amount":{},"currency":"EUR"}})",
                                 key, charge_key, amount));
  }
  std::string result(const http::Response& response) {
    return std::string(base::parse_json(response.body).value().string_at("result").value_or("none"));
  }
  http::Response look_up(const std::string& key) { return host.send("GET", "/keys/" + key, ""); }
  http::Response void_key(const std::string& key) { return host.send("POST", "/keys/" + key + "/void", ""); }

  sim::SimWorld world{1};
  GatewayHost host{world};
};

TEST_F(GatewayTest, charges_one_key_once_and_answers_the_same_again) {
  const auto first = charge("k1");
  const auto again = charge("k1");
  EXPECT_EQ(result(first), "approved");
  EXPECT_EQ(first.body, again.body);
  EXPECT_EQ(host.ledger("charge").size(), 1U);
}

TEST_F(GatewayTest, records_the_traceparent_it_was_sent) {
  charge("k1");
  EXPECT_EQ(host.ledger().front().string_at("traceparent"), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
}

TEST_F(GatewayTest, declines_by_token_with_a_reason) {
  EXPECT_EQ(result(charge("k1", "tok_decline")), "declined");
  EXPECT_NE(charge("k2", "tok_insufficient").body.find("insufficient_funds"), std::string::npos);
  EXPECT_TRUE(host.ledger("charge").empty());
}

TEST_F(GatewayTest, a_voided_key_never_charges) {
  EXPECT_EQ(result(void_key("k1")), "voided");
  EXPECT_EQ(result(charge("k1")), "voided");
  EXPECT_TRUE(host.ledger("charge").empty());
}

TEST_F(GatewayTest, a_void_after_the_charge_says_approved) {
  charge("k1");
  EXPECT_EQ(result(void_key("k1")), "approved");
}

TEST_F(GatewayTest, error500_does_nothing) {
  EXPECT_EQ(charge("k1", "tok_error500").status, 500);
  EXPECT_EQ(look_up("k1").status, 404);
}

TEST_F(GatewayTest, lost_success_is_done_and_its_answer_is_lost_once) {
  EXPECT_EQ(charge("k1", "tok_lost_success").status, 0);
  EXPECT_EQ(result(look_up("k1")), "approved");
  EXPECT_EQ(result(charge("k1", "tok_lost_success")), "approved");
  EXPECT_EQ(host.ledger("charge").size(), 1U);
}

TEST_F(GatewayTest, lost_failure_is_not_done) {
  EXPECT_EQ(charge("k1", "tok_lost_failure").status, 0);
  EXPECT_EQ(look_up("k1").status, 404);
}

TEST_F(GatewayTest, late_success_lands_after_a_look_up_said_not_found) {
  EXPECT_EQ(charge("k1", "tok_late_success").status, 0);
  EXPECT_EQ(look_up("k1").status, 404);
  world.scheduler.run_for(4s);
  EXPECT_EQ(host.ledger("charge").size(), 1U);
  EXPECT_EQ(result(look_up("k1")), "approved");
}

TEST_F(GatewayTest, late_success_that_was_voided_meanwhile_never_lands) {
  charge("k1", "tok_late_success");
  EXPECT_EQ(result(void_key("k1")), "voided");
  world.scheduler.run_for(10s);
  EXPECT_TRUE(host.ledger("charge").empty());
  EXPECT_EQ(result(look_up("k1")), "voided");
}

TEST_F(GatewayTest, slow_answers_after_two_seconds) {
  const auto before = world.clock.ticks();
  EXPECT_EQ(result(charge("k1", "tok_slow")), "approved");
  EXPECT_GE(world.clock.ticks() - before, 2s);
}

TEST_F(GatewayTest, refunds_no_more_than_was_charged) {
  charge("k1");
  EXPECT_EQ(result(refund("r1", "k1", "10.00")), "approved");
  EXPECT_EQ(result(refund("r1", "k1", "10.00")), "approved");
  EXPECT_EQ(result(refund("r2", "k1", "9.91")), "declined");
  EXPECT_EQ(result(refund("r3", "k1", "9.90")), "approved");
  EXPECT_EQ(result(refund("r4", "k9", "1.00")), "declined");
  EXPECT_EQ(host.ledger("refund").size(), 2U);
}

TEST_F(GatewayTest, remembers_everything_over_a_restart) {
  charge("k1");
  void_key("k2");
  charge("k3", "tok_late_success");
  host.restart();
  world.scheduler.run_for(4s);
  EXPECT_EQ(result(look_up("k1")), "approved");
  EXPECT_EQ(result(charge("k2")), "voided");
  EXPECT_EQ(result(look_up("k3")), "approved");
}

TEST_F(GatewayTest, pages_through_the_ledger_in_order) {
  for (int i = 0; i < 5; ++i) charge(fmt::format("k{}", i));
  const auto first = host.get("/ledger?limit=3");
  const auto rest = host.get("/ledger?after=" + std::string(*first.string_at("nextCursor")));
  ASSERT_EQ(first.find("items")->as_array().size(), 3U);
  ASSERT_EQ(rest.find("items")->as_array().size(), 2U);
  EXPECT_EQ(rest.find("items")->as_array()[1].string_at("key"), "k4");
}

TEST_F(GatewayTest, malformed_calls_change_nothing) {
  EXPECT_EQ(host.send("POST", "/charges", "{").status, 400);
  EXPECT_EQ(charge("", "").status, 400);
  EXPECT_EQ(charge("k1", "", "1.999").status, 400);
  EXPECT_EQ(charge("k1", "", "-1").status, 400);
  EXPECT_EQ(host.send("GET", "/nothing", "").status, 404);
  EXPECT_TRUE(host.ledger().empty());
}

}  // namespace
}  // namespace ow::tests
