// HttpGateway against the real simulated gateway over the simulated network, with the network's faults. Test
// thread only.
#include "payments/http_gateway.h"

#include <gtest/gtest.h>

#include "sandbox/gateway_host.h"

namespace ow::tests {
namespace {

using platform::PaymentResult;
using sim::NetworkFault;
using Kind = PaymentResult::Kind;

struct HttpGatewayTest : testing::Test {
  base::Result<PaymentResult> charge(const std::string& key, const std::string& token = "") {
    return node.executor().run(
        gateway.charge({key, base::OrderId("ord_1"), {1990, {}}, token, "00-4bf92f3577b34da6a3ce929d0e0e4736-1-01"}));
  }
  base::Result<std::optional<PaymentResult>> look_up(const std::string& key) {
    return node.executor().run(gateway.look_up(key, ""));
  }

  sim::SimWorld world{7};
  GatewayHost host{world};
  SimNode node{world, "platform"};
  payments::HttpGateway gateway{node.process->http, kGatewayUrl};
};

TEST_F(HttpGatewayTest, charges_and_finds_the_charge_again) {
  const auto charged = charge("ord_1.charge");
  ASSERT_TRUE(charged.has_value()) << charged.error().message;
  EXPECT_EQ(charged->kind, Kind::approved);
  const auto found = look_up("ord_1.charge");
  ASSERT_TRUE(found.has_value() && found->has_value());
  EXPECT_EQ((*found)->gateway_id, charged->gateway_id);
}

TEST_F(HttpGatewayTest, sends_the_traceparent_and_the_exact_amount) {
  charge("k1");
  const auto entry = host.ledger().front();
  EXPECT_EQ(entry.string_at("traceparent"), "00-4bf92f3577b34da6a3ce929d0e0e4736-1-01");
  EXPECT_EQ(entry.find("amount")->as_number().text, "19.90");
}

TEST_F(HttpGatewayTest, a_key_with_any_characters_is_found_again) {
  const std::string key = "a/b?c=%2F d\"&é";
  ASSERT_TRUE(node.executor().run(gateway.void_key(key, "")).has_value());
  const auto found = look_up(key);
  ASSERT_TRUE(found.has_value() && found->has_value());
  EXPECT_EQ((*found)->kind, Kind::voided);
}

TEST_F(HttpGatewayTest, a_key_never_seen_is_nothing) {
  const auto found = look_up("k9");
  ASSERT_TRUE(found.has_value());
  EXPECT_FALSE(found->has_value());
}

TEST_F(HttpGatewayTest, a_refund_more_than_the_charge_is_declined) {
  charge("k1");
  const auto refund = node.executor().run(gateway.refund({"r1", "k1", base::OrderId("ord_1"), {2000, {}}, ""}));
  ASSERT_TRUE(refund.has_value());
  EXPECT_EQ(refund->kind, Kind::declined);
  EXPECT_EQ(refund->reason, "more_than_charged");
}

TEST_F(HttpGatewayTest, an_error_of_the_gateway_is_no_outcome) {
  const auto charged = charge("k1", "tok_error500");
  ASSERT_FALSE(charged.has_value());
  EXPECT_EQ(charged.error().code, base::ErrorCode::internal);
}

TEST_F(HttpGatewayTest, a_connection_that_ends_without_an_answer_is_unknown) {
  const auto charged = charge("k1", "tok_lost_success");
  ASSERT_FALSE(charged.has_value());
  EXPECT_EQ(charged.error().code, base::ErrorCode::timed_out);
}

TEST_F(HttpGatewayTest, a_refused_connection_is_certainly_not_done) {
  world.network.plan(kGatewayUrl, 1, NetworkFault::refused);
  const auto charged = charge("k1");
  ASSERT_FALSE(charged.has_value());
  EXPECT_EQ(charged.error().code, base::ErrorCode::unavailable);
  EXPECT_TRUE(host.ledger().empty());
}

}  // namespace
}  // namespace ow::tests
