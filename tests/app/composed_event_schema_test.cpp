// Events that are no order's, as operators read them, are valid by the schemas of docs/events; those of orders are
// checked in tests/orders.
#include <gmock/gmock.h>

#include <map>
#include <set>

#include "app/binary.h"
#include "app/composed_world.h"
#include "harness/webhook_receiver.h"
#include "orders/json_schema.h"

namespace ow::tests {
namespace {

using namespace std::chrono_literals;
using base::Json;
using testing::IsEmpty;

const std::set<std::string> kTypes = {"user.signed-up",     "user.password-changed", "webhook.failing",
                                      "webhook.disabled",   "webhook.enabled",       "topic.published",
                                      "queue.dead-lettered"};

class ComposedEventSchema : public testing::Test {
 protected:
  ComposedEventSchema() { world_.world.network.name("shop.example", {{"93.184.216.34"}}); }

  void post(const std::string& path, const std::string& body, int status, const std::string& user) {
    const auto answer = world_.call("POST", path, user, body);
    EXPECT_EQ(answer.status, status) << path << ": " << answer.body;
  }
  void let_a_webhook_fail_and_recover() {
    post("/api/webhooks", R"({"url":"https://shop.example/hook","types":["order.completed"]})", 201, "demo-operator");
    receiver_.behave(Manner::error);
    world_.settle(world_.place());
    world_.world.scheduler.run_for(5 * 24h + 1h);
    receiver_.behave(Manner::accept);
    world_.world.scheduler.run_for(25h);
  }
  void let_a_mail_die() {
    world_.world.mail_server.set_fate([](const auto&) { return sim::MailFault::postponed; });
    auto order = base::parse_json(mug_order(1)).value();
    order.set("customerEmail", "ann@example.org");
    post("/api/orders", base::to_text(order), 201, "demo-shopper");
    world_.world.scheduler.run_for(20min);
  }

  ComposedWorld world_;
  WebhookReceiver receiver_{world_.world, "receiver", "93.184.216.34"};
};

TEST_F(ComposedEventSchema, events_of_users_webhooks_topics_and_queues_are_valid) {
  post("/api/auth/sign-up",
       R"({"username":"ann.walker","email":"ann.walker@example.org","password":"a long and winding pass phrase"})", 201,
       "");
  post("/api/topics", R"({"name":"stock-news"})", 201, "demo-operator");
  post("/api/topics/stock-news/publish", R"({"message":{"kind":"mug"}})", 202, "demo-operator");
  post("/api/topics/stock-news/publish", R"({"message":"a text"})", 202, "demo-operator");
  std::set<std::string> seen;
  const auto check = [&] {
    const auto page = world_.get("/api/events?limit=100");
    for (const auto& event : page.find("items")->as_array()) {
      const auto type = text_of(event, "type");
      if (!kTypes.contains(type)) continue;
      const auto schema = base::parse_json(read_file(OW_SOURCE_DIR "/docs/events/" + type + ".json"));
      ASSERT_TRUE(schema.has_value()) << type << " has no schema";
      EXPECT_THAT(violations_of(*schema, event), IsEmpty()) << base::to_text(event);
      seen.insert(type);
    }
  };
  check();
  let_a_mail_die();
  let_a_webhook_fail_and_recover();
  post("/api/auth/change-password",
       R"({"currentPassword":"shopper-demo-password","newPassword":"another long and winding phrase"})", 204,
       "demo-shopper");
  check();
  EXPECT_EQ(seen, kTypes);
}

}  // namespace
}  // namespace ow::tests
