// Events from outside: who may hand in what, and that an id is taken once.
#include "events/ingest.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/encoding.h"
#include "engine/embedded_engine.h"
#include "events/bounds.h"
#include "sim/world/world.h"

namespace ow::events {
namespace {

using namespace std::chrono_literals;
using base::Json;
using http::standard_webhooks::SigningSecret;

constexpr auto kSecret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

class NoRules final : public platform::EventRules {
 public:
  std::vector<platform::RuleTarget> match(const platform::EventDraft&) const override { return {}; }
};

class Ingest : public ::testing::Test {
 protected:
  Ingest() { restart(); }
  ~Ingest() override { process.reset(); }

  void restart() {
    process.reset();
    engine.reset();
    key_value.reset();
    process = std::make_unique<sim::SimProcess>(world, machine);
    key_value = sim::MemoryKeyValue::open(machine.disk).value();
    engine = engine::EmbeddedEngine::open(
                 {*key_value, process->executor, world.clock, process->random, *rules, machine.telemetry}, {})
                 .value();
    const IngestPorts ports{engine->store(), world.clock, process->random, machine.telemetry};
    route = ingest_route(ports);
    sources = ingest_source_routes(ports);
  }

  /// As the edge does, again when another was first.
  base::Result<http::Response> run(const http::Route& target, const http::RequestContext& context) {
    for (int tries = 0; tries < base::bounds::kConflictRunsMax; ++tries) {
      auto reply = process->executor.run(target.handle(context));
      if (!reply) return base::fail(reply.error());
      if (reply->commit.empty()) return std::move(reply->response);
      const auto outcome = process->executor.run(engine->store().commit(std::move(reply->commit)));
      if (!outcome) return base::fail(outcome.error());
      if (outcome->committed()) return std::move(reply->response);
    }
    return base::fail(base::ErrorCode::unavailable, "contended", "");
  }

  static http::Principal key(std::vector<std::string> allowed, std::string scope = "events:ingest") {
    return {base::UserId("key_1"), {}, http::KeyGrant{{std::move(scope)}, std::move(allowed), {}}};
  }
  base::Result<Json> hand_in(const std::string& body, std::optional<http::Principal> principal = key({"erp"}),
                             http::Headers headers = {}) {
    http::Request request{.method = "POST", .target = "/webhooks/ingest", .headers = headers, .body = body, .peer = {}};
    http::RequestContext context;
    context.request = &request;
    context.principal = std::move(principal);
    context.body = base::parse_json(body).value();
    const auto answer = run(route, context);
    if (!answer) return base::fail(answer.error());
    EXPECT_EQ(answer->status, 202);
    return base::parse_json(answer->body);
  }
  base::Result<Json> signed_in(const std::string& body, const std::string& secret, const std::string& id = "msg_1",
                               base::Duration late = {}) {
    const std::vector<SigningSecret> secrets{SigningSecret::parse(secret).value()};
    const auto at = world.clock.now() - late;
    return hand_in(body, std::nullopt,
                   {{"webhook-id", id},
                    {"webhook-timestamp", std::to_string(at.unix_s())},
                    {"webhook-signature", http::standard_webhooks::sign(secrets, id, at, body)}});
  }
  base::Result<Json> source(const std::string& method, const std::string& pattern, const std::string& id,
                            const std::string& body = "{}") {
    http::RequestContext context;
    context.principal = http::Principal{base::UserId("usr_admin"), {"admin"}};
    context.params["id"] = id;
    context.body = base::parse_json(body).value();
    for (const auto& one : sources) {
      if (one.method != method || one.pattern != "/api/event-sources" + pattern) continue;
      const auto answer = run(one, context);
      if (!answer) return base::fail(answer.error());
      return answer->body.empty() ? Json() : base::parse_json(answer->body);
    }
    return base::fail(base::ErrorCode::not_found, "no_route", "");
  }
  std::string make_source(const std::string& name) {
    return std::string(*source("POST", "", "", R"({"source":")" + name + "\"}")->string_at("secret"));
  }
  std::vector<platform::Event> of(const Json& answer) {
    return process->executor.run(engine->event_log().by_subject(std::string(*answer.string_at("subject")), 0, 100))
        .value();
  }
  std::size_t all_events() { return process->executor.run(engine->event_log().after("", 1000))->events.size(); }

  sim::SimWorld world{3};
  sim::SimMachine machine{world, "platform"};
  std::unique_ptr<platform::EventRules> rules = std::make_unique<NoRules>();
  std::unique_ptr<sim::SimProcess> process;
  std::unique_ptr<platform::KeyValue> key_value;
  std::unique_ptr<engine::EmbeddedEngine> engine;
  http::Route route;
  http::Routes sources;
};

const std::string kEvent = R"({"id":"e1","source":"erp","detail-type":"stock.counted","detail":{"sku":"mug","n":7}})";

TEST_F(Ingest, AnEventBecomesOneOfItsOwnSubject) {
  const auto answer = hand_in(kEvent);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->string_at("subject"), "inbound/erp/e1");
  EXPECT_EQ(answer->bool_at("duplicate"), false);
  const auto events = of(*answer);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].source, "erp");
  EXPECT_EQ(events[0].type, "stock.counted");
  EXPECT_EQ(events[0].data, R"({"sku":"mug","n":7})");
}

TEST_F(Ingest, AnIdThatComesAgainIsADuplicateAlsoAfterARestart) {
  ASSERT_TRUE(hand_in(kEvent).has_value());
  EXPECT_EQ(hand_in(kEvent)->bool_at("duplicate"), true);
  restart();
  EXPECT_EQ(hand_in(kEvent)->bool_at("duplicate"), true);
  EXPECT_EQ(all_events(), 1U);
}

TEST_F(Ingest, TheWindowOfDuplicatesEnds) {
  ASSERT_TRUE(hand_in(kEvent).has_value());
  world.clock.advance(base::Duration(kIngestSeenKept) - base::Duration(1s));
  EXPECT_EQ(hand_in(kEvent)->bool_at("duplicate"), true);
  world.clock.advance(1s);
  EXPECT_EQ(hand_in(kEvent)->bool_at("duplicate"), false);
}

TEST_F(Ingest, AnIdOfAnotherContentIsRefusedAndOfAnotherSourceIsAnother) {
  ASSERT_TRUE(hand_in(kEvent).has_value());
  const auto other = hand_in(R"({"id":"e1","source":"erp","detail-type":"stock.counted","detail":{"n":8}})");
  EXPECT_EQ(other.error().reason, "event_id_reused");
  EXPECT_TRUE(hand_in(R"({"id":"e1","source":"pos","detail-type":"t","detail":{}})", key({"erp", "pos"})).has_value());
}

TEST_F(Ingest, WithoutAnIdEachIsItsOwn) {
  const std::string event = R"({"source":"erp","detail-type":"t","detail":{}})";
  EXPECT_NE(hand_in(event)->string_at("subject"), hand_in(event)->string_at("subject"));
  EXPECT_EQ(all_events(), 2U);
}

TEST_F(Ingest, AKeyUsesItsSourcesOnly) {
  EXPECT_EQ(hand_in(kEvent, key({"pos"})).error().reason, "source_not_allowed");
  EXPECT_EQ(hand_in(kEvent, key({"erp"}, "orders:read")).error().reason, "scope_missing");
  EXPECT_EQ(hand_in(kEvent, http::Principal{base::UserId("usr_1"), {"admin"}}).error().reason, "scope_missing");
  const auto nobody = hand_in(kEvent, std::nullopt);
  EXPECT_EQ(nobody.error().code, base::ErrorCode::unauthenticated);
  EXPECT_EQ(all_events(), 0U);
}

TEST_F(Ingest, NobodySpeaksInThePlatformsName) {
  for (const std::string own : {"orderwright", "orderwright/orders", "ORDERWRIGHT/orders", "aws.s3", "orderwright.x"}) {
    const auto forged = hand_in(R"({"source":")" + own + R"(","detail-type":"order.created","detail":{}})", key({own}));
    ASSERT_FALSE(forged.has_value()) << own;
    EXPECT_EQ(forged.error().code, base::ErrorCode::unprocessable);
  }
  EXPECT_FALSE(hand_in(R"({"source":"erp","detail-type":"operator.queue-purged","detail":{}})").has_value());
}

RC_GTEST_FIXTURE_PROP(Ingest, WhateverComesInStaysInItsOwnSubjects, ()) {
  const auto text_of_ascii = rc::gen::container<std::string>(rc::gen::inRange<char>(0x20, 0x7F));
  const auto id = *text_of_ascii, type = *text_of_ascii;
  const auto body = Json::object({{"id", id.empty() ? "ord_1" : id},
                                  {"source", "erp"},
                                  {"detail-type", type.empty() ? "order.created" : type},
                                  {"detail", Json::object()}});
  const auto text = base::to_text(body);
  const auto answer = hand_in(text);
  if (!answer) return;
  RC_ASSERT(answer->string_at("subject")->starts_with("inbound/erp/"));
  const auto page = process->executor.run(engine->event_log().after("", 1000));
  for (const auto& event : page->events) {
    RC_ASSERT(event.subject.starts_with("inbound/erp/"));
    RC_ASSERT(event.source == "erp");
  }
}

TEST_F(Ingest, ASignedEventNeedsNoKeyAndItsIdIsTheWebhooks) {
  const auto secret = make_source("mailer");
  const std::string event = R"({"source":"mailer","detail-type":"mail.bounced","detail":{"messageId":"m"}})";
  const auto answer = signed_in(event, secret, "msg_9");
  ASSERT_TRUE(answer.has_value()) << answer.error().reason;
  EXPECT_EQ(answer->string_at("subject"), "inbound/mailer/msg_9");
  EXPECT_EQ(signed_in(event, secret, "msg_9")->bool_at("duplicate"), true);
}

TEST_F(Ingest, AWrongSignatureAnOldOneAndAnUnknownSourceAreRefusedAlike) {
  const auto secret = make_source("mailer");
  const std::string event = R"({"source":"mailer","detail-type":"t","detail":{}})";
  const auto wrong = signed_in(event, kSecret);
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().code, base::ErrorCode::unauthenticated);
  EXPECT_EQ(wrong.error().reason, "bad_webhook_signature");
  const auto unknown = signed_in(R"({"source":"other","detail-type":"t","detail":{}})", secret);
  EXPECT_EQ(unknown.error().reason, "bad_webhook_signature");
  EXPECT_EQ(signed_in(event, secret, "m", 301s).error().reason, "webhook_too_old");
  EXPECT_FALSE(hand_in(event, key({"mailer"}), {{"webhook-id", "x"}}).has_value());
}

TEST_F(Ingest, SecretsRotateWithOverlap) {
  const auto old_secret = make_source("mailer");
  const std::string event = R"({"source":"mailer","detail-type":"t","detail":{}})";
  const auto rotated = source("POST", "/{id}/rotate", "mailer", R"({"overlapSeconds":60})");
  const std::string new_secret(*rotated->string_at("secret"));
  EXPECT_TRUE(signed_in(event, old_secret, "a").has_value());
  EXPECT_TRUE(signed_in(event, new_secret, "b").has_value());
  EXPECT_EQ(source("POST", "/{id}/rotate", "mailer").error().reason, "rotation_under_way");
  world.clock.advance(60s);
  EXPECT_FALSE(signed_in(event, old_secret, "c").has_value());
  EXPECT_TRUE(signed_in(event, new_secret, "d").has_value());
}

TEST_F(Ingest, SourcesAreListedWithoutSecretsAndDeleted) {
  const auto secret = make_source("mailer");
  const auto listed = base::to_text(*source("GET", "", ""));
  EXPECT_NE(listed.find("mailer"), std::string::npos);
  EXPECT_EQ(listed.find("whsec_"), std::string::npos);
  EXPECT_EQ(source("POST", "", "", R"({"source":"mailer"})").error().code, base::ErrorCode::conflict);
  ASSERT_TRUE(source("DELETE", "/{id}", "mailer").has_value());
  EXPECT_FALSE(signed_in(R"({"source":"mailer","detail-type":"t","detail":{}})", secret).has_value());
  EXPECT_EQ(source("DELETE", "/{id}", "mailer").error().code, base::ErrorCode::not_found);
  EXPECT_FALSE(source("POST", "", "", R"({"source":"orderwright/mail"})").has_value());
}

TEST_F(Ingest, ADetailThatIsTooLargeIsRefused) {
  const auto body = [](std::size_t bytes) {
    return R"({"source":"erp","detail-type":"t","detail":{"t":")" + std::string(bytes, 'x') + "\"}}";
  };
  EXPECT_TRUE(hand_in(body(kIngestEventBytesMax - 8)).has_value());
  EXPECT_EQ(hand_in(body(kIngestEventBytesMax)).error().code, base::ErrorCode::too_large);
}

}  // namespace
}  // namespace ow::events
