// The catalogue's routes: what everyone reads and operators change. Test thread only.
#include <gtest/gtest.h>

#include "orders/order_world.h"

namespace ow::tests {
namespace {

struct ProductsTest : testing::Test {
  http::Response post(const std::string& body, const std::string& token = "oscar.operator") {
    return world.call("POST", "/api/products", token, body);
  }
  http::Response patch(const std::string& id, const std::string& body, const std::string& token = "oscar.operator") {
    return world.call("PATCH", "/api/products/" + id, token, body);
  }
  OrderWorld world;
};

TEST_F(ProductsTest, everyone_reads_what_is_available_and_operators_the_ledger) {
  world.add_product("mug", 10, "9.90");
  for (const auto* token : {"", "alice"}) {
    const auto seen = world.expect(200, world.call("GET", "/api/products/mug", token));
    EXPECT_EQ(seen.integer_at("available"), 10);
    EXPECT_EQ(seen.find("price")->as_number().text, "9.90");
    EXPECT_EQ(seen.find("held"), nullptr);
  }
  const auto seen = world.get("/api/products/mug");
  EXPECT_EQ(seen.integer_at("held"), 0);
  EXPECT_EQ(seen.integer_at("sold"), 0);
}

TEST_F(ProductsTest, lists_page_by_page) {
  for (const auto* id : {"a", "b", "c"}) world.add_product(id, 1);
  const auto first = world.get("/api/products?limit=2");
  const auto rest = world.get("/api/products?limit=2&cursor=" + text(first, "nextCursor"));
  EXPECT_EQ(first.find("items")->as_array().size(), 2U);
  ASSERT_EQ(rest.find("items")->as_array().size(), 1U);
  EXPECT_EQ(text(rest.find("items")->as_array()[0], "productId"), "c");
  EXPECT_TRUE(rest.find("nextCursor")->is_null());
}

TEST_F(ProductsTest, an_id_is_taken_once) {
  world.add_product("mug", 10);
  world.expect(409, post(R"({"productId":"mug","name":"Mug","price":1})"));
  EXPECT_EQ(world.stock("mug").integer_at("available"), 10);
}

TEST_F(ProductsTest, price_and_stock_change_in_one_step) {
  world.add_product("mug", 10);
  const auto changed = world.expect(200, patch("mug", R"({"price":12.5,"stockDelta":-4})"));
  EXPECT_EQ(changed.find("price")->as_number().text, "12.50");
  EXPECT_EQ(world.stock("mug").integer_at("available"), 6);
  world.expect(409, patch("mug", R"({"price":1,"stockDelta":-7})"));
  EXPECT_EQ(world.stock("mug").find("price")->as_number().text, "12.50");
  EXPECT_EQ(world.stock("mug").integer_at("available"), 6);
}

TEST_F(ProductsTest, a_change_is_an_event_with_who) {
  world.add_product("mug", 10);
  world.expect(200, patch("mug", R"({"stockDelta":5,"reason":"delivery came"})"));
  const auto page = world.get("/api/events");
  const auto& event = page.find("items")->as_array().at(0);
  EXPECT_EQ(text(event, "type"), "product.changed");
  EXPECT_EQ(text(*event.find("data"), "by"), "oscar");
  const auto& action = page.find("items")->as_array().at(1);
  EXPECT_EQ(text(action, "type"), "operator.product-changed");
  EXPECT_EQ(text(action, "subject"), "mug");
  EXPECT_EQ(text(*action.find("data"), "why"), "delivery came");
}

TEST_F(ProductsTest, refuses_what_is_not_a_product_and_who_may_not) {
  world.add_product("mug", 10);
  world.expect(400, post(R"({"productId":"x","name":"X"})"));
  world.expect(400, post(R"({"productId":"x","name":"X","price":"1"})"));
  world.expect(400, post(R"({"productId":"x","name":"X","price":1,"colour":"red"})"));
  world.expect(422, post(R"({"productId":"a b","name":"X","price":1})"));
  world.expect(422, post(R"({"productId":"x","name":"","price":1})"));
  world.expect(422, post(R"({"productId":"x","name":"X","price":1.999})"));
  world.expect(422, post(R"({"productId":"x","name":"X","price":-1})"));
  world.expect(422, post(R"({"productId":"x","name":"X","price":1,"stockDelta":-1})"));
  world.expect(422, post(R"({"productId":"x","name":"X","price":1,"currency":"XXQ"})"));
  world.expect(404, patch("nothing", R"({"price":1})"));
  world.expect(404, world.call("GET", "/api/products/nothing", ""));
  world.expect(403, post(R"({"productId":"x","name":"X","price":1})", "alice"));
  world.expect(401, post(R"({"productId":"x","name":"X","price":1})", ""));
  EXPECT_EQ(world.get("/api/products").find("items")->as_array().size(), 1U);
}

}  // namespace
}  // namespace ow::tests
