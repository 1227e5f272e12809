// Webhooks in the composed program: who receives what, in which order, signed how, and what a receiver that refuses,
// hangs or moves inside gets.
#include <gmock/gmock.h>

#include "app/composed_world.h"
#include "harness/webhook_receiver.h"

namespace ow::tests {
namespace {

using namespace std::chrono_literals;
using base::Json;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto kAddress = "93.184.216.34";
constexpr auto kUrl = "https://shop.example/hook";

class ComposedWebhook : public testing::Test {
 protected:
  ComposedWebhook() { world_.world.network.name("shop.example", {{kAddress}}); }

  Json expect(int status, const http::Response& answer) {
    EXPECT_EQ(answer.status, status) << answer.body;
    return base::parse_json(answer.body).value_or(Json::object());
  }
  Json post(const std::string& path, const Json& body = Json::object(), int status = 200,
            const std::string& user = "demo-shopper") {
    return expect(status, world_.call("POST", path, user, base::to_text(body)));
  }
  /// Makes a webhook to the receiver; its id.
  std::string make(Json body = Json::object(), const std::string& user = "demo-shopper") {
    if (body.find("url") == nullptr) body.set("url", kUrl);
    const auto made = post("/api/webhooks", body, 201, user);
    receiver_.expect_secret(std::string(made.string_at("secret").value_or("")));
    return std::string(made.string_at("id").value_or(""));
  }
  std::string order() {
    const auto id = world_.place();
    world_.settle(id);
    return id;
  }
  void run(base::Duration span) { world_.world.scheduler.run_for(span); }
  Json get(const std::string& path, const std::string& user = "demo-shopper") { return world_.get(path, user); }
  std::string path(const std::string& id, const std::string& below = {}) { return "/api/webhooks/" + id + below; }
  std::string status(const std::string& id) { return std::string(get(path(id)).string_at("status").value_or("")); }

  ComposedWorld world_;
  WebhookReceiver receiver_{world_.world, "receiver", kAddress};
};

using Numbers = std::vector<std::uint64_t>;

TEST_F(ComposedWebhook, AnOrdersEventsArriveSignedAndInOrder) {
  make();
  const auto id = order();
  run(1s);
  EXPECT_THAT(receiver_.accepted(), ElementsAre(std::pair(id, Numbers{1, 2, 3, 4, 5})));
  for (const auto& one : receiver_.received()) {
    EXPECT_TRUE(one.verified);
    const auto event = base::parse_json(one.body).value();
    EXPECT_EQ(event.string_at("id"), one.id);
    EXPECT_EQ(event.string_at("specversion"), "1.0");
    EXPECT_EQ(event.find("data")->string_at("orderId"), id);
  }
}

TEST_F(ComposedWebhook, TheBodyIsWhatTheOwnerReadsOverTheApi) {
  make();
  const auto id = order();
  run(1s);
  const auto shown = get("/api/orders/" + id);
  const auto* events = shown.find("events");
  ASSERT_EQ(events->as_array().size(), receiver_.received().size());
  for (std::size_t i = 0; i < receiver_.received().size(); ++i) {
    EXPECT_EQ(base::parse_json(receiver_.received()[i].body).value(), events->as_array()[i]);
  }
}

TEST_F(ComposedWebhook, OnlyTheEventsThatAreWantedAndOnlyFromItsMakingOn) {
  order();
  make(Json::object({{"types", Json::array({"order.completed"})}}));
  const auto id = order();
  run(1s);
  EXPECT_THAT(receiver_.accepted(), ElementsAre(std::pair(id, Numbers{5})));
}

TEST_F(ComposedWebhook, APatternChoosesByTheDataToo) {
  const auto pattern = R"({"detail-type":["order.created"],"detail":{"total":[{"numeric":[">",9]}]}})";
  make(Json::object({{"pattern", base::parse_json(pattern).value()}}));
  const auto id = order();
  run(1s);
  EXPECT_THAT(receiver_.accepted(), ElementsAre(std::pair(id, Numbers{1})));
}

TEST_F(ComposedWebhook, AStrangersEndpointReceivesNothing) {
  make(Json::object({{"scope", "own"}}), "demo-operator");
  order();
  run(1s);
  EXPECT_THAT(receiver_.received(), IsEmpty());
}

TEST_F(ComposedWebhook, AnOperatorsEndpointReceivesAll) {
  make(Json::object(), "demo-operator");
  order();
  run(1s);
  EXPECT_GE(receiver_.received().size(), 5U);
}

TEST_F(ComposedWebhook, AFailureIsTriedAgainUnderItsIdAndHoldsUpItsSubjectAlone) {
  make();
  receiver_.behave([](std::size_t nth) { return nth == 0 ? Manner::error : Manner::accept; });
  const auto first = order();
  const auto second = order();
  run(1s);
  EXPECT_THAT(receiver_.accepted()[first], IsEmpty());
  EXPECT_THAT(receiver_.accepted()[second], SizeIs(5));
  run(10s);
  EXPECT_THAT(receiver_.accepted()[first], ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ(receiver_.received()[0].number, 1U);
  const auto again =
      std::ranges::find_if(receiver_.received(), [&](const auto& one) { return one.accepted && one.subject == first; });
  EXPECT_EQ(again->id, receiver_.received()[0].id);
  EXPECT_EQ(again->body, receiver_.received()[0].body);
}

TEST_F(ComposedWebhook, ARedirectIsAFailureAndIsNotFollowed) {
  const auto id = make();
  WebhookReceiver inside(world_.world, "inside", "169.254.169.254");
  receiver_.behave(Manner::redirect);
  order();
  run(1s);
  EXPECT_THAT(inside.received(), IsEmpty());
  const auto attempts = get(path(id, "/attempts?status=302"));
  ASSERT_EQ(attempts.find("items")->as_array().size(), 1U);
  EXPECT_EQ(attempts.find("items")->as_array()[0].string_at("reason"), "redirect_not_followed");
}

TEST_F(ComposedWebhook, ANameThatMovesInsideIsNotFollowedThere) {
  WebhookReceiver inside(world_.world, "inside", "10.0.0.7");
  const auto id = make();
  world_.world.network.name("shop.example", {{"10.0.0.7"}, {kAddress, "10.0.0.7"}, {"::ffff:10.0.0.7"}});
  run(20s);
  order();
  run(1min);
  EXPECT_THAT(inside.received(), IsEmpty());
  EXPECT_THAT(receiver_.received(), IsEmpty());
  const auto attempts = get(path(id, "/attempts"));
  ASSERT_FALSE(attempts.find("items")->as_array().empty());
  EXPECT_EQ(attempts.find("items")->as_array()[0].string_at("reason"), "address_refused");
}

TEST_F(ComposedWebhook, AnEndpointInsideIsRefusedAtOnce) {
  world_.world.network.name("inside.example", {{"127.0.0.1"}});
  for (const auto* url : {"https://127.0.0.1/", "https://inside.example/", "http://shop.example/", "https://[::1]/",
                          "https://no-such-name.example/", "ftp://shop.example/"}) {
    post("/api/webhooks", Json::object({{"url", url}}), 422);
  }
}

TEST_F(ComposedWebhook, GoneDisablesAndResumingDelivers) {
  const auto id = make();
  receiver_.behave(Manner::gone);
  order();
  run(1min);
  EXPECT_EQ(status(id), "disabled");
  const auto before = receiver_.received().size();
  receiver_.behave(Manner::accept);
  order();
  run(1h);
  EXPECT_EQ(receiver_.received().size(), before);
  post(path(id, "/resume"));
  run(1min);
  EXPECT_THAT(receiver_.accepted(), SizeIs(1));
}

TEST_F(ComposedWebhook, PausedEventsWaitAndComeInOrder) {
  const auto id = make();
  post(path(id, "/pause"));
  const auto first = order();
  const auto second = order();
  run(1h);
  EXPECT_THAT(receiver_.received(), IsEmpty());
  post(path(id, "/resume"));
  run(1min);
  EXPECT_THAT(receiver_.accepted()[first], ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(receiver_.accepted()[second], ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(ComposedWebhook, ADeletedEndpointReceivesNothingMore) {
  const auto id = make();
  receiver_.behave(Manner::error);
  order();
  run(1s);
  expect(200, world_.call("DELETE", path(id), "demo-shopper"));
  const auto before = receiver_.received().size();
  order();
  run(24h);
  EXPECT_EQ(receiver_.received().size(), before);
  expect(404, world_.call("GET", path(id), "demo-shopper"));
}

TEST_F(ComposedWebhook, DuringARotationBothSecretsVerify) {
  const auto id = make();
  const auto rotated = post(path(id, "/rotate-secret"), Json::object({{"overlapSeconds", 3600}}));
  order();
  run(1s);
  EXPECT_THAT(receiver_.received(), testing::Each(testing::Field(&Received::verified, true)));
  run(2h);
  const auto before = receiver_.received().size();
  order();
  run(1s);
  EXPECT_FALSE(receiver_.received().at(before).verified);
  receiver_.expect_secret(std::string(rotated.string_at("secret").value_or("")));
  order();
  run(1s);
  EXPECT_TRUE(receiver_.received().back().verified);
}

TEST_F(ComposedWebhook, AfterFiveDaysWithoutSuccessItIsDisabledWithNoticesAndAProbeBringsItBack) {
  const auto id = make();
  receiver_.behave(Manner::hang);
  order();
  run(5 * 24h + 1h);
  EXPECT_EQ(status(id), "disabled");
  std::vector<std::string> told;
  const auto events = world_.get("/api/events?limit=100");
  for (const auto& event : events.find("items")->as_array()) {
    if (event.string_at("subject") == id) told.emplace_back(*event.string_at("type"));
  }
  EXPECT_THAT(told, ElementsAre("webhook.disabled", "webhook.failing", "webhook.failing", "webhook.failing"));
  receiver_.behave(Manner::accept);
  run(25h);
  EXPECT_EQ(status(id), "active");
}

TEST_F(ComposedWebhook, WhatWasGivenUpCanBeRecoveredAndWhatWasNeverSentReplayed) {
  const auto since = base::to_rfc3339(world_.world.clock.now());
  const auto early = order();
  const auto id = make(Json::object({{"types", Json::array({"order.completed"})}}));
  receiver_.behave(Manner::error);
  const auto late = order();
  run(5 * 24h + 12h);
  receiver_.behave(Manner::accept);
  const auto failed = get(path(id, "/deliveries?state=failed"));
  ASSERT_EQ(failed.find("items")->as_array().size(), 1U);
  post(path(id, "/resume"));
  const auto dry = post(path(id, "/recover"), Json::object({{"since", since}, {"dryRun", true}}));
  EXPECT_EQ(dry.integer_at("deliveries"), 1);
  run(1min);
  EXPECT_THAT(receiver_.accepted(), IsEmpty());
  post(path(id, "/recover"), Json::object({{"since", since}}), 202);
  run(1min);
  EXPECT_THAT(receiver_.accepted(), ElementsAre(std::pair(late, Numbers{5})));
  EXPECT_EQ(post(path(id, "/replay"), Json::object({{"since", since}, {"dryRun", true}})).integer_at("deliveries"), 1);
  post(path(id, "/replay"), Json::object({{"since", since}}), 202);
  run(1min);
  EXPECT_THAT(receiver_.accepted()[early], ElementsAre(5));
}

TEST_F(ComposedWebhook, OneDeliveryIsSentAgainUnderItsId) {
  const auto id = make(Json::object({{"types", Json::array({"order.completed"})}}));
  order();
  run(1s);
  ASSERT_THAT(receiver_.received(), SizeIs(1));
  const auto event = receiver_.received()[0].id;
  post(path(id, "/deliveries/" + event + "/resend"), Json::object(), 202);
  run(1s);
  ASSERT_THAT(receiver_.received(), SizeIs(2));
  EXPECT_EQ(receiver_.received()[1].id, event);
  const auto shown = get(path(id, "/deliveries/" + event));
  EXPECT_EQ(shown.find("attemptList")->as_array().size(), 2U);
  EXPECT_EQ(shown.string_at("body"), receiver_.received()[0].body);
}

TEST_F(ComposedWebhook, PollingFillsGaps) {
  const auto id = make();
  const auto first = order();
  run(1s);
  const auto page = get(path(id, "/poll?limit=3"));
  EXPECT_EQ(page.find("items")->as_array().size(), 3U);
  const auto rest = get(path(id, "/poll?cursor=" + std::string(*page.string_at("nextCursor"))));
  EXPECT_EQ(rest.find("items")->as_array().size(), 2U);
  EXPECT_EQ(rest.bool_at("done"), true);
}

TEST_F(ComposedWebhook, APingIsDeliveredAndAnswered) {
  const auto id = make();
  const auto answer = post(path(id, "/ping"));
  EXPECT_EQ(answer.bool_at("delivered"), true);
  ASSERT_THAT(receiver_.received(), SizeIs(1));
  EXPECT_EQ(receiver_.received()[0].type, "webhook.ping");
  EXPECT_TRUE(receiver_.received()[0].verified);
}

TEST_F(ComposedWebhook, WhatIsOnesOwnIsNobodyElses) {
  const auto id = make(Json::object(), "demo-operator");
  expect(404, world_.call("GET", path(id), "demo-shopper"));
  expect(404, world_.call("DELETE", path(id), "demo-shopper"));
  expect(403, world_.call("POST", "/api/webhooks", "demo-shopper",
                          base::to_text(Json::object({{"url", kUrl}, {"scope", "all"}}))));
  const auto own = make();
  EXPECT_EQ(get("/api/webhooks").find("items")->as_array().size(), 1U);
  EXPECT_EQ(get("/api/webhooks", "demo-operator").find("items")->as_array().size(), 2U);
  const auto shown = base::to_text(get(path(own)));
  EXPECT_EQ(shown.find("whsec_"), std::string::npos);
}

}  // namespace
}  // namespace ow::tests
