// POST /api/orders: what is accepted, what is refused and why. Test thread only.
#include <gtest/gtest.h>

#include "orders/order_world.h"
#include "platform/id_source.h"

namespace ow::tests {
namespace {

struct AcceptTest : testing::Test {
  AcceptTest() {
    world.add_product("mug", 100, "9.90");
    world.add_product("tea", 100, "12.50");
  }

  http::Response post(const std::string& body) { return world.call("POST", "/api/orders", "alice", body); }
  /// The answer refuses with this status and names this violation.
  void expect_refused(int status, const std::string& body, const std::string& violation) {
    const auto response = post(body);
    EXPECT_EQ(response.status, status) << body << response.body;
    EXPECT_NE(response.body.find(violation), std::string::npos) << response.body;
    EXPECT_TRUE(world.get("/api/orders").find("items")->as_array().empty()) << body;
  }

  OrderWorld world;
};

TEST_F(AcceptTest, answers_201_with_id_status_and_time) {
  const auto response = post(R"({"items":[{"productId":"mug","name":"Mug","quantity":2,"price":9.90}],"total":19.80})");
  const auto json = world.expect(201, response);
  EXPECT_TRUE(platform::is_id(text(json, "orderId"), "ord"));
  EXPECT_EQ(text(json, "status"), "pending");
  EXPECT_TRUE(base::parse_rfc3339(text(json, "createdAt")).has_value());
}

TEST_F(AcceptTest, reads_back_what_was_ordered_line_by_line) {
  const auto id = world.place({{"mug", 2, "9.90"}, {"tea", 1, "12.50"}, {"mug", 1, "9.90"}});
  const auto order = world.get("/api/orders/" + id, "alice");
  ASSERT_EQ(order.find("items")->as_array().size(), 3U);
  EXPECT_EQ(order.find("items")->as_array()[2].integer_at("quantity"), 1);
  EXPECT_EQ(order.find("total")->as_number().text, "42.20");
  EXPECT_EQ(text(order, "currency"), "EUR");
  EXPECT_EQ(text(order, "customer"), "alice");
}

TEST_F(AcceptTest, money_is_exact_and_may_be_written_shorter) {
  const auto response = post(R"({"items":[{"productId":"mug","quantity":10,"price":9.9}],"total":99})");
  world.expect(201, response);
}

TEST_F(AcceptTest, the_owner_is_the_tokens_subject_whatever_the_body_says) {
  const auto json = world.expect(
      201, post(R"({"userId":"mallory","items":[{"productId":"mug","quantity":1,"price":9.90}],"total":9.90})"));
  world.expect(200, world.call("GET", "/api/orders/" + text(json, "orderId"), "alice"));
  world.expect(403, world.call("GET", "/api/orders/" + text(json, "orderId"), "mallory"));
}

TEST_F(AcceptTest, refuses_wrong_types_as_malformed_and_names_them) {
  expect_refused(400, R"({"total":1})", "items is required");
  expect_refused(400, R"({"items":[1],"total":1})", "items[0] must be an object");
  expect_refused(400, R"({"items":[{"productId":5,"quantity":1,"price":9.90}],"total":9.90})",
                 "items[0].productId must be a string");
  expect_refused(400, R"({"items":[{"productId":"mug","quantity":"1","price":9.90}],"total":9.90})",
                 "items[0].quantity must be an integer");
  expect_refused(400, R"({"items":[{"productId":"mug","quantity":1.5,"price":9.90}],"total":9.90})",
                 "items[0].quantity must be an integer");
  expect_refused(400, R"({"items":[{"productId":"mug","quantity":1,"price":"9.90"}],"total":9.90})",
                 "items[0].price must be a number");
  expect_refused(400, R"({"items":[{"productId":"mug","quantity":1,"price":9.90}]})", "total is required");
}

TEST_F(AcceptTest, refuses_unknown_members_by_name_at_any_depth) {
  expect_refused(400, R"({"items":[{"productId":"mug","quantity":1,"price":9.90,"colour":"red"}],"total":9.90})",
                 "colour");
  expect_refused(400, R"({"items":[{"productId":"mug","quantity":1,"price":9.90}],"total":9.90,"coupon":"x"})",
                 "coupon");
}

TEST_F(AcceptTest, refuses_limits_as_unprocessable_and_names_them) {
  expect_refused(422, R"({"items":[],"total":1})", "items must have 1 to 50 lines");
  expect_refused(422, R"({"items":[{"productId":"mug","quantity":0,"price":9.90}],"total":9.90})",
                 "items[0].quantity must be an integer >= 1");
  expect_refused(422, R"({"items":[{"productId":"mug","quantity":10001,"price":9.90}],"total":99009.90})",
                 "items[0].quantity must be at most 10000");
  expect_refused(422, R"({"items":[{"productId":"mug","quantity":1,"price":9.90}],"total":9.90,"customerEmail":"x"})",
                 "customerEmail must be a mail address");
  expect_refused(422,
                 R"({"items":[{"productId":"mug","name":")" + std::string(201, 'x') +
                     R"(","quantity":1,"price":9.90}],"total":9.90})",
                 "items[0].name must have at most 200 characters");
}

TEST_F(AcceptTest, refuses_51_lines) {
  std::vector<Line> lines(51, Line{"mug", 1, "9.90"});
  expect_refused(422, OrderWorld::order_body(lines), "items must have 1 to 50 lines");
}

TEST_F(AcceptTest, checks_prices_and_total_against_the_catalogue_to_the_cent) {
  expect_refused(422, R"({"items":[{"productId":"mug","quantity":1,"price":9.89}],"total":9.89})",
                 "items[0].price must be 9.90 EUR");
  expect_refused(422, R"({"items":[{"productId":"mug","quantity":1,"price":9.901}],"total":9.90})",
                 "items[0].price must be 9.90 EUR");
  expect_refused(422, R"({"items":[{"productId":"mug","quantity":2,"price":9.90}],"total":19.81})",
                 "total must be 19.80");
  expect_refused(422, R"({"items":[{"productId":"nothing","quantity":1,"price":9.90}],"total":9.90})",
                 "items[0].productId names no product");
  expect_refused(422, R"({"items":[{"productId":"a\u0000b","quantity":1,"price":9.90}],"total":9.90})",
                 "items[0].productId names no product");
}

TEST_F(AcceptTest, refuses_a_total_past_999999_99) {
  world.add_product("ring", 100'000, "5000.00");
  expect_refused(422, R"({"items":[{"productId":"ring","quantity":200,"price":5000}],"total":1000000})",
                 "total must be a decimal from 0.01 to 999999.99");
}

TEST_F(AcceptTest, an_order_has_one_currency) {
  world.expect(201, world.call("POST", "/api/products", "oscar.operator",
                               R"({"productId":"yen","name":"Yen","price":500,"currency":"JPY","stockDelta":9})"));
  expect_refused(422,
                 R"({"items":[{"productId":"mug","quantity":1,"price":9.90},)"
                 R"({"productId":"yen","quantity":1,"price":500}],"total":509.90})",
                 "items[1].productId is priced in another currency");
}

TEST_F(AcceptTest, names_all_violations_at_once) {
  const auto json = world.expect(
      400, post(R"({"items":[{"productId":"mug","quantity":"x","price":"y"}],"total":"z","paymentToken":7})"));
  EXPECT_EQ(json.find("violations")->as_array().size(), 4U);
}

TEST_F(AcceptTest, needs_a_token) { EXPECT_EQ(world.call("POST", "/api/orders", "", "{}").status, 401); }

TEST_F(AcceptTest, a_price_is_frozen_as_it_is_at_accept) {
  const auto id = world.place({{"mug", 1, "9.90"}});
  world.expect(200, world.call("PATCH", "/api/products/mug", "oscar.operator", R"({"price":20})"));
  EXPECT_EQ(text(world.settle(id), "status"), "completed");
  EXPECT_EQ(world.charged(id), 990);
  const auto again = post(OrderWorld::order_body({{"mug", 1, "9.90"}}));
  EXPECT_EQ(again.status, 422);
}

TEST_F(AcceptTest, the_mail_address_is_in_the_order_and_in_no_event) {
  const auto json = world.expect(201, post(R"({"items":[{"productId":"mug","quantity":1,"price":9.90}],)"
                                           R"("total":9.90,"customerEmail":"alice@example.com"})"));
  const auto order = world.settle(text(json, "orderId"));
  EXPECT_EQ(text(order, "customerEmail"), "alice@example.com");
  EXPECT_EQ(base::to_text(*order.find("events")).find("example.com"), std::string::npos);
  EXPECT_EQ(base::to_text(world.get("/api/orders")).find("example.com"), std::string::npos);
}

}  // namespace
}  // namespace ow::tests
