// Every event of an order that clients see is valid by the schema of its type in docs/events, and every schema is of an
// event that some order has, or of one that tests/app/composed_event_schema_test.cpp sees. Test thread only.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "orders/json_schema.h"
#include "orders/order_world.h"

namespace ow::tests {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
namespace fs = std::filesystem;

/// Events of users, webhooks, topics and queues happen in the composed program.
bool is_elsewhere(const std::string& type) {
  return type.starts_with("user.") || type.starts_with("webhook.") || type.starts_with("topic.") ||
         type.starts_with("queue.");
}

std::map<std::string, base::Json> read_schemas() {
  std::map<std::string, base::Json> schemas;
  for (const auto& entry : fs::directory_iterator(fs::path(OW_SOURCE_DIR) / "docs" / "events")) {
    if (is_elsewhere(entry.path().stem().string())) continue;
    std::stringstream content;
    content << std::ifstream(entry.path()).rdbuf();
    schemas[entry.path().stem().string()] = base::parse_json(content.str()).value();
  }
  return schemas;
}

struct EventSchemaTest : testing::Test {
  EventSchemaTest() { world.add_product("mug", 100); }

  void waive_what_is_owed() {
    world.hook({.resource = "orders:confirm", .before = [this]() -> base::Task<std::optional<workflow::TaskFailure>> {
                  world.bank.take_away();
                  co_return workflow::TaskFailure{"Test.Broken", ""};
                }});
    world.settle(world.place({{"mug"}}));
    const auto id = text(world.obligations().at(0), "obligationId");
    world.expect(200, world.call("POST", "/api/obligations/" + id + "/waive", "oscar.operator", R"({"reason":"x"})"));
    world.bank.serve();
  }
  void cancel_one() {
    const auto id = world.place({{"mug"}}, "tok_slow");
    world.expect(202, world.call("POST", "/api/orders/" + id + "/cancel", "alice"));
    world.settle(id);
  }
  void refund(const std::string& id) {
    world.expect(202, world.call("POST", "/api/orders/" + id + "/refund", "oscar.operator",
                                 R"({"restock":true,"reason":"broken"})"));
    world.run_for(5s);
  }

  OrderWorld world;
};

TEST_F(EventSchemaTest, all_events_of_all_kinds_of_orders_are_valid) {
  const auto completed = world.place({{"mug", 2}, {"mug", 1}});
  world.settle(completed);
  refund(completed);
  world.settle(world.place({{"mug"}}, "tok_decline"));
  world.settle(world.place({{"mug", 200}}));
  waive_what_is_owed();
  cancel_one();
  const auto schemas = read_schemas();
  std::set<std::string> seen;
  const auto page = world.get("/api/events?limit=100");
  for (const auto& event : page.find("items")->as_array()) {
    auto type = text(event, "type");
    if (type.starts_with("product.")) continue;
    if (type.starts_with("operator.")) type = "operator";  // one schema for all of them
    ASSERT_TRUE(schemas.contains(type)) << type << " has no schema";
    EXPECT_THAT(violations_of(schemas.at(type), event), IsEmpty()) << base::to_text(event);
    seen.insert(type);
  }
  EXPECT_EQ(seen.size(), schemas.size());
}

}  // namespace
}  // namespace ow::tests
