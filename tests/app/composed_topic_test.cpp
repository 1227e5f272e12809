// Webhooks that subscribe to topics in the composed program: what they hear, signed and tried again like all webhooks.
#include <gmock/gmock.h>

#include "app/binary.h"
#include "app/composed_world.h"
#include "harness/webhook_receiver.h"

namespace ow::tests {
namespace {

using namespace std::chrono_literals;
using base::Json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto kReceiverAddress = "93.184.216.34";

class ComposedTopic : public testing::Test {
 protected:
  ComposedTopic() { world_.world.network.name("erp.example", {{kReceiverAddress}}); }

  Json post(const std::string& path, const std::string& body, int status, const std::string& user = "demo-operator") {
    const auto answer = world_.call("POST", path, user, body);
    EXPECT_EQ(answer.status, status) << path << ": " << answer.body;
    return base::parse_json(answer.body).value_or(Json::object());
  }
  /// A webhook that wants only what never happens by itself.
  std::string endpoint(const std::string& user = "demo-operator") {
    const auto made =
        post("/api/webhooks", R"({"url":"https://erp.example/hook","types":["nothing.such"]})", 201, user);
    receiver_.expect_secret(text_of(made, "secret"));
    return text_of(made, "id");
  }
  Json subscribe(const std::string& topic, const std::string& target, int status, const std::string& filter = "{}") {
    auto body = Json::object({{"protocol", "webhook"}, {"target", target}});
    if (filter != "{}") body.set("filter", base::parse_json(filter).value());
    return post("/api/topics/" + topic + "/subscriptions", base::to_text(body), status);
  }
  void publish(const std::string& message) {
    post("/api/topics/stock-news/publish", R"({"message":)" + message + "}", 202);
  }
  void run(base::Duration span) { world_.world.scheduler.run_for(span); }
  /// `data.message` of what was received, in order.
  std::vector<std::string> heard() const {
    std::vector<std::string> all;
    for (const auto& one : receiver_.received()) {
      const auto data = *base::parse_json(one.body).value().find("data");
      all.push_back(data.find("message") != nullptr ? base::to_text(*data.find("message")) : one.type);
    }
    return all;
  }

  ComposedWorld world_;
  WebhookReceiver receiver_{world_.world, "erp", kReceiverAddress};
};

TEST_F(ComposedTopic, a_webhook_hears_signed_what_its_filter_lets_through_from_then_on) {
  post("/api/topics", R"({"name":"stock-news"})", 201);
  const auto id = endpoint();
  publish(R"({"kind":"mug","n":0})");
  run(1s);
  subscribe("stock-news", id, 201, R"({"kind":["mug"]})");
  publish(R"({"kind":"mug","n":1})");
  publish(R"({"kind":"vase","n":2})");
  publish(R"({"kind":"mug","n":3})");
  run(2s);
  EXPECT_THAT(heard(), ElementsAre(R"({"kind":"mug","n":1})", R"({"kind":"mug","n":3})"));
  for (const auto& one : receiver_.received()) EXPECT_TRUE(one.verified);
  const auto polled = world_.get("/api/webhooks/" + id + "/poll");
  EXPECT_THAT(polled.find("items")->as_array(), SizeIs(2)) << "a gap can be filled";
}

TEST_F(ComposedTopic, a_failed_delivery_is_tried_again_and_an_ended_subscription_hears_no_more) {
  post("/api/topics", R"({"name":"stock-news"})", 201);
  const auto subscription = subscribe("stock-news", endpoint(), 201);
  receiver_.behave([](std::size_t nth) { return nth == 0 ? Manner::error : Manner::accept; });
  publish(R"("closed tomorrow")");
  run(20s);
  ASSERT_THAT(receiver_.received(), SizeIs(2));
  EXPECT_EQ(receiver_.received()[0].id, receiver_.received()[1].id);
  const auto path = "/api/topics/stock-news/subscriptions/" + text_of(subscription, "subscriptionId");
  EXPECT_EQ(world_.call("DELETE", path, "demo-operator").status, 204);
  publish(R"("open again")");
  run(2s);
  EXPECT_THAT(receiver_.received(), SizeIs(2));
}

TEST_F(ComposedTopic, a_subscription_ends_with_its_webhook) {
  post("/api/topics", R"({"name":"stock-news"})", 201);
  const auto gone = endpoint();
  const auto stays = endpoint();
  subscribe("stock-news", gone, 201);
  const auto kept = text_of(subscribe("stock-news", stays, 201), "subscriptionId");
  EXPECT_EQ(world_.call("DELETE", "/api/webhooks/" + gone, "demo-operator").status, 200);
  const auto shown = world_.get("/api/topics/stock-news");
  ASSERT_THAT(shown.find("subscriptions")->as_array(), SizeIs(1));
  EXPECT_EQ(text_of(shown.find("subscriptions")->as_array().front(), "subscriptionId"), kept);
  EXPECT_THAT(base::to_text(world_.get("/api/topics")), testing::Not(HasSubstr(gone)));
}

TEST_F(ComposedTopic, a_webhook_that_wants_the_event_anyway_hears_it_once) {
  post("/api/topics", R"({"name":"stock-news"})", 201);
  const auto made = post("/api/webhooks", R"({"url":"https://erp.example/hook","types":["topic.published"]})", 201);
  receiver_.expect_secret(text_of(made, "secret"));
  subscribe("stock-news", text_of(made, "id"), 201);
  publish(R"("once")");
  run(20s);
  EXPECT_THAT(heard(), ElementsAre(R"("once")"));
}

TEST_F(ComposedTopic, operators_webhooks_alone_hear_operator_notices) {
  const auto refused = subscribe("operator-notices", endpoint("demo-shopper"), 422);
  EXPECT_THAT(base::to_text(refused), HasSubstr("scope all"));
  EXPECT_THAT(base::to_text(subscribe("operator-notices", "whe_nobody", 422)),
              HasSubstr("target must be the id of a webhook"));
  subscribe("operator-notices", endpoint(), 201, R"({"type":["queue.dead-lettered"]})");
  world_.world.mail_server.set_fate([](const auto&) { return sim::MailFault::postponed; });
  auto order = base::parse_json(mug_order(1)).value();
  order.set("customerEmail", "ann@example.org");
  post("/api/orders", base::to_text(order), 201, "demo-shopper");
  run(20min);
  EXPECT_THAT(heard(), ElementsAre("queue.dead-lettered"));
}

}  // namespace
}  // namespace ow::tests
