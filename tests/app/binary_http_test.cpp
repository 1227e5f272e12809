// The HTTP contract as a client on the wire meets it: replays, framing, unknown members, large orders, payments.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "app/binary.h"

namespace ow::tests {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

class WireTest : public SharedServerTest {
 protected:
  static platform::HttpAnswer post(const std::string& body, const std::string& key = {}) {
    std::vector<std::pair<std::string, std::string>> headers;
    if (!key.empty()) headers.emplace_back("idempotency-key", key);
    return server().send("POST", "/api/orders", body, "demo-shopper", headers);
  }
  static std::string violations(const platform::HttpAnswer& answer) {
    return text_of(base::parse_json(answer.body).value_or(base::Json()), "violations");
  }
};

TEST_F(WireTest, a_replay_is_the_first_answer_byte_for_byte) {
  const auto first = post(mug_order(2), "replayed");
  EXPECT_EQ(first.status, 201);
  server().settled(text_of(*base::parse_json(first.body), "orderId"));
  const auto again = post(mug_order(2), "replayed");
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  const auto other_name =
      server().send("POST", "/api/orders", mug_order(2), "demo-shopper", {{"x-idempotency-key", "replayed"}});
  EXPECT_EQ(other_name.body, first.body);
  EXPECT_EQ(post(mug_order(3), "replayed").status, 422);
}

TEST_F(WireTest, a_refusal_decided_on_state_is_replayed_too) {
  const std::string no_such =
      R"({"items":[{"productId":"unknown","name":"x","quantity":1,"price":1.00}],"total":1.00})";
  const auto first = post(no_such, "refused");
  EXPECT_EQ(first.status, 422);
  EXPECT_EQ(post(no_such, "refused").body, first.body);
}

TEST_F(WireTest, an_unknown_member_is_named_at_any_depth) {
  const auto top =
      post(R"({"items":[{"productId":"mug","name":"Mug","quantity":1,"price":9.90}],"total":9.90,"gift":true})");
  EXPECT_EQ(top.status, 400);
  EXPECT_EQ(violations(top), R"(["gift is not a known member"])");
  const auto deep =
      post(R"({"items":[{"productId":"mug","name":"Mug","quantity":1,"price":9.90,"colour":"red"}],"total":9.90})");
  EXPECT_EQ(deep.status, 400);
  EXPECT_EQ(violations(deep), R"(["items[0].colour is not a known member"])");
}

TEST_F(WireTest, errors_are_problem_details_with_a_request_id) {
  const auto answer = post("{");
  EXPECT_EQ(answer.status, 400);
  const std::pair<std::string, std::string> problem_type{"content-type", "application/problem+json"};
  EXPECT_THAT(answer.headers, Contains(problem_type));
  const auto problem = *base::parse_json(answer.body);
  for (const auto* member : {"error", "message", "requestId", "status", "title"}) {
    EXPECT_NE(problem.find(member), nullptr) << member;
  }
}

TEST_F(WireTest, a_framing_error_answers_400_and_closes) {
  const std::string bad[] = {
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
      "GET /health HTTP/1.1\r\nHost : a\r\n\r\n",
      "GET /health HTTP/1.1\r\n\r\n",
      "GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "NONSENSE\r\n\r\n",
  };
  for (const auto& request : bad) EXPECT_THAT(server().exchange(request), StartsWith("HTTP/1.1 400 ")) << request;
}

TEST_F(WireTest, an_order_of_50_lines_completes) {
  std::string items;
  for (int i = 0; i < 50; ++i) {
    items += fmt::format(R"({}{{"productId":"mug","name":"Mug {}","quantity":1,"price":9.90}})", i == 0 ? "" : ",", i);
  }
  const auto order = server().settled(server().place(fmt::format(R"({{"items":[{}],"total":495.00}})", items)));
  EXPECT_EQ(text_of(order, "status"), "completed");
  EXPECT_EQ(order.find("items")->as_array().size(), 50U);
}

TEST_F(WireTest, payments_end_orders_as_their_tokens_say) {
  const std::vector<std::vector<std::string>> cases = {
      {"", "completed", "null"},
      {"tok_approve", "completed", "null"},
      {"tok_decline", "failed", "payment_declined"},
      {"tok_insufficient", "failed", "payment_declined"},
      {"tok_slow", "completed", "null"},
      {"tok_lost_success", "completed", "null"},
  };
  std::vector<std::string> orders;
  for (const auto& one : cases) orders.push_back(server().place(mug_order(1, one[0])));
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto order = server().settled(orders[i]);
    EXPECT_EQ(text_of(order, "status"), cases[i][1]) << cases[i][0];
    EXPECT_EQ(text_of(order, "reason"), cases[i][2]) << cases[i][0];
  }
}

TEST_F(WireTest, one_unit_is_sold_once) {
  const std::string last =
      R"({"items":[{"productId":"last-one","name":"Print","quantity":1,"price":120.00}],"total":120.00})";
  std::vector<std::string> orders;
  for (int i = 0; i < 4; ++i) orders.push_back(server().place(last));
  int completed = 0;
  for (const auto& id : orders) {
    const auto order = server().settled(id);
    if (text_of(order, "status") == "completed")
      ++completed;
    else
      EXPECT_EQ(text_of(order, "reason"), "out_of_stock");
  }
  EXPECT_EQ(completed, 1);
}

TEST_F(WireTest, metrics_are_for_loopback_and_hold_the_process) {
  const auto answer = server().send("GET", "/metrics", "", "");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr("ow_http_requests_total{"));
  const auto forwarded = server().send("GET", "/metrics", "", "", {{"x-forwarded-for", "192.0.2.1"}});
  EXPECT_EQ(forwarded.status, 401);
}

}  // namespace
}  // namespace ow::tests
