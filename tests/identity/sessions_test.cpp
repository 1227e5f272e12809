// Refresh tokens: good once, and the second use of one ends the session; sign-out, disabling and a new password
// end tokens at once.
#include "identity/sessions.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "identity/bounds.h"
#include "world.h"

namespace ow::identity {
namespace {

using base::Json;

constexpr auto kPassword = "correct horse";

struct Tokens {
  std::string access;
  std::string refresh;
};

class SessionWorld {
 public:
  SessionWorld() { id = world.add_user("ann", kPassword); }

  static Tokens tokens_in(const std::string& body) {
    const auto json = base::parse_json(body).value();
    return {std::string(json.string_at("accessToken").value_or("")),
            std::string(json.string_at("refreshToken").value_or(""))};
  }
  Tokens sign_in() { return tokens_in(world.sign_in("ann", kPassword)->response.body); }
  base::Result<Tokens> refresh(const std::string& token) {
    const auto answer = post("/api/auth/refresh", Json::object({{"refreshToken", token}}));
    if (!answer) return base::fail(answer.error());
    return tokens_in(answer->body);
  }
  base::Result<http::Response> post(const std::string& pattern, Json body,
                                    std::optional<http::Principal> caller = std::nullopt,
                                    const std::string& who = "ann") {
    http::RequestContext context;
    context.body = std::move(body);
    context.principal = std::move(caller);
    context.params["id"] = who;
    context.peer = "10.0.0.9";
    return world.call("POST", pattern, context);
  }
  http::Principal ann() const { return {id, {"shopper"}}; }
  bool works(const std::string& access) { return world.authenticate(access).has_value(); }

  World world;
  base::UserId id;
};

class SessionsTest : public ::testing::Test, public SessionWorld {};

TEST_F(SessionsTest, ARefreshTokenGivesNewTokensOnce) {
  const auto first = sign_in();
  const auto second = refresh(first.refresh);
  ASSERT_TRUE(second.has_value());
  EXPECT_NE(second->refresh, first.refresh);
  EXPECT_TRUE(works(second->access));
  EXPECT_TRUE(works(first.access));
  EXPECT_TRUE(refresh(second->refresh).has_value());
}

TEST_F(SessionsTest, ASecondUseEndsTheWholeSession) {
  const auto first = sign_in();
  const auto second = refresh(first.refresh);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(refresh(first.refresh).error().reason, "refresh_refused");
  EXPECT_EQ(refresh(second->refresh).error().reason, "refresh_refused");
  EXPECT_EQ(world.authenticate(second->access).error().reason, "token_revoked");
  EXPECT_EQ(world.telemetry.count("ow_refreshes_total", "reused"), 1U);
}

TEST_F(SessionsTest, AnotherSessionOfTheUserGoesOn) {
  const auto phone = sign_in(), laptop = sign_in();
  refresh(phone.refresh).value();
  EXPECT_FALSE(refresh(phone.refresh).has_value());
  EXPECT_TRUE(works(laptop.access));
  EXPECT_TRUE(refresh(laptop.refresh).has_value());
}

TEST_F(SessionsTest, TheTokenIsKeptAsItsDigestOnly) {
  const auto tokens = sign_in();
  const auto secret = tokens.refresh.substr(tokens.refresh.find('.') + 1);
  for (const auto& [key, record] : world.store.records) {
    EXPECT_EQ(record.value.find(secret), std::string::npos);
    EXPECT_EQ(key.partition.find(secret), std::string::npos);
  }
}

TEST_F(SessionsTest, GarbageIsRefused) {
  const auto good = sign_in().refresh;
  for (const auto& bad : {std::string("x"), std::string("owr_"), std::string("owr_ses_1.x"), good + "x",
                          good.substr(0, good.find('.')), std::string(10'000, 'a')}) {
    EXPECT_FALSE(refresh(bad).has_value()) << bad;
  }
}

TEST_F(SessionsTest, SignOutEndsTheSessionAndItsAccessTokens) {
  const auto tokens = sign_in();
  EXPECT_TRUE(works(tokens.access));
  EXPECT_EQ(post("/api/auth/sign-out", Json::object({{"refreshToken", tokens.refresh}}))->status, 204);
  EXPECT_FALSE(works(tokens.access));
  EXPECT_FALSE(refresh(tokens.refresh).has_value());
  EXPECT_EQ(post("/api/auth/sign-out", Json::object({{"refreshToken", tokens.refresh}}))->status, 204);
}

TEST_F(SessionsTest, ASessionEndsWhenItIsIdleAndAfterItsLife) {
  auto tokens = sign_in();
  world.clock.advance(base::Duration(kSessionIdle));
  EXPECT_FALSE(refresh(tokens.refresh).has_value());
  tokens = sign_in();
  base::Duration lived{};
  while (lived < base::Duration(kSessionLife)) {
    const auto step = base::Duration(kSessionIdle) - base::Duration(1'000'000);
    world.clock.advance(step);
    lived += step;
    const auto next = refresh(tokens.refresh);
    if (!next) break;
    tokens = *next;
  }
  EXPECT_GE(lived, base::Duration(kSessionLife));
}

TEST_F(SessionsTest, ANewPasswordEndsAllSessions) {
  const auto tokens = sign_in();
  const auto change = [&](const std::string& now, const std::string& next) {
    return post("/api/auth/change-password", Json::object({{"currentPassword", now}, {"newPassword", next}}), ann());
  };
  EXPECT_EQ(change("wrong horse", "battery staple").error().reason, "password_wrong");
  EXPECT_EQ(change(kPassword, "short").error().code, base::ErrorCode::unprocessable);
  EXPECT_TRUE(works(tokens.access));
  ASSERT_TRUE(change(kPassword, "battery staple").has_value());
  EXPECT_FALSE(works(tokens.access));
  EXPECT_FALSE(refresh(tokens.refresh).has_value());
  EXPECT_FALSE(world.sign_in("ann", kPassword).has_value());
  EXPECT_TRUE(works(world.token_of("ann", "battery staple")));
}

TEST_F(SessionsTest, AWrongCurrentPasswordIsThrottled) {
  base::Result<http::Response> last;
  for (int i = 0; i < 8; ++i) {
    last = post("/api/auth/change-password",
                Json::object({{"currentPassword", "wrong horse"}, {"newPassword", "battery staple"}}), ann());
  }
  EXPECT_EQ(last.error().code, base::ErrorCode::rate_limited);
}

TEST_F(SessionsTest, ADisabledUserIsOutAtOnceAndBackWhenEnabled) {
  const auto tokens = sign_in();
  EXPECT_TRUE(works(tokens.access));
  const auto why = Json::object({{"reason", "fraud"}});
  ASSERT_TRUE(post("/api/users/{id}/disable", why).has_value());
  EXPECT_FALSE(works(tokens.access));
  EXPECT_FALSE(refresh(tokens.refresh).has_value());
  EXPECT_FALSE(world.sign_in("ann", kPassword).has_value());
  ASSERT_TRUE(post("/api/users/{id}/enable", why).has_value());
  EXPECT_FALSE(works(tokens.access));
  EXPECT_TRUE(works(world.token_of("ann", kPassword)));
}

TEST_F(SessionsTest, RolesAreThoseOfNow) {
  const auto tokens = sign_in();
  ASSERT_TRUE(post("/api/users/{id}/roles", base::parse_json(R"({"roles":["operator"],"reason":"hired"})").value())
                  .has_value());
  EXPECT_TRUE(world.authenticate(tokens.access)->has("operator"));
  ASSERT_TRUE(
      post("/api/users/{id}/roles", base::parse_json(R"({"roles":["shopper"],"reason":"left"})").value()).has_value());
  EXPECT_FALSE(world.authenticate(tokens.access)->has("operator"));
}

TEST_F(SessionsTest, SomebodyElsesProcessLearnsWithinAMinute) {
  const auto tokens = sign_in();
  Identity other(world.ports(), {.password_cost = {.memory_kib = 8, .passes = 1}});
  ASSERT_TRUE(world.executor->run(other.start()).has_value());
  const auto works_there = [&] { return world.executor->run(other.authenticate(tokens.access)).has_value(); };
  EXPECT_TRUE(works_there());
  post("/api/auth/sign-out", Json::object({{"refreshToken", tokens.refresh}})).value();
  world.clock.advance(base::Duration(kAccessTokenTrusted));
  EXPECT_FALSE(works_there());
  world.executor->request_stop();
  world.scheduler.run_for(std::chrono::seconds(1));
}

// Against a model: a family is alive until one of its used tokens comes again, it is signed out, or its process
// restarts make no difference.
RC_GTEST_PROP(SessionsProperty, OnlyTheNewestTokenOfALivingSessionIsGood, ()) {
  SessionWorld session;
  struct Family {
    std::vector<Tokens> given;
    bool alive = true;
  };
  std::vector<Family> families(1);
  families[0].given.push_back(session.sign_in());
  for (int step = *rc::gen::inRange(1, 10); step > 0; --step) {
    auto& family = families[*rc::gen::inRange<std::size_t>(0, families.size())];
    const auto which = *rc::gen::inRange<std::size_t>(0, family.given.size());
    switch (*rc::gen::inRange(0, 5)) {
      case 0:
        families.emplace_back().given.push_back(session.sign_in());
        break;
      case 1:
        session.post("/api/auth/sign-out", Json::object({{"refreshToken", family.given.back().refresh}})).value();
        family.alive = false;
        break;
      case 2:
        RC_ASSERT(session.world.restart().has_value());
        break;
      default: {
        const bool good = family.alive && which + 1 == family.given.size();
        const auto next = session.refresh(family.given[which].refresh);
        RC_ASSERT(next.has_value() == good);
        if (next) family.given.push_back(*next);
        if (!good) family.alive = false;
      }
    }
    for (const auto& one : families) RC_ASSERT(session.works(one.given.back().access) == one.alive);
  }
}

TEST_F(SessionsTest, SignUpMakesAShopperAndOnePersonRecord) {
  const auto body =
      base::parse_json(R"({"username":"Eve","password":"battery staple","email":"eve@example.com","name":"Eve"})")
          .value();
  const auto made = post("/api/auth/sign-up", body);
  ASSERT_TRUE(made.has_value()) << made.error().message;
  EXPECT_EQ(made->status, 201);
  const auto id = std::string(*base::parse_json(made->body)->string_at("userId"));
  EXPECT_TRUE(works(world.token_of("eve", "battery staple")));
  EXPECT_EQ(post("/api/auth/sign-up", body).error().code, base::ErrorCode::conflict);
  int holding = 0;
  for (const auto& [key, record] : world.store.records) {
    holding += record.value.find("eve@example.com") != std::string::npos;
  }
  EXPECT_EQ(holding, 1);
  for (const auto& event : world.store.events) EXPECT_EQ(event.data.find("eve"), std::string::npos) << event.data;
}

TEST_F(SessionsTest, SignUpNamesWhatDoesNotDoAndIsThrottled) {
  const auto refused = post(
      "/api/auth/sign-up", base::parse_json(R"({"username":"eve","password":"battery staple","email":"eve"})").value());
  EXPECT_EQ(refused.error().violations, std::vector<std::string>{"email must be a mail address"});
  base::Result<http::Response> last;
  for (int i = 0; i < 30; ++i) {
    last = post("/api/auth/sign-up", base::parse_json(R"({"username":"ann","password":"x","email":"e"})").value());
  }
  EXPECT_EQ(last.error().code, base::ErrorCode::rate_limited);
}

TEST_F(SessionsTest, SignUpCanBeOff) {
  ASSERT_TRUE(world.restart({.sign_up = false}).has_value());
  EXPECT_EQ(post("/api/auth/sign-up", Json::object()).error().reason, "no_route");
}

TEST_F(SessionsTest, AnAdminCannotShutHimselfOut) {
  const auto admin = world.add_user("root", kPassword, "admin");
  const auto why = Json::object({{"reason", "x"}});
  EXPECT_EQ(post("/api/users/{id}/disable", why, http::Principal{admin, {"admin"}}, "root").error().reason,
            "not_yourself");
}

TEST_F(SessionsTest, APersonIsExportedAndErasedWithTheAccount) {
  const auto put = [&](const std::string& who, const std::string& body) {
    http::RequestContext context;
    context.principal = ann();
    context.params["id"] = who;
    context.body = base::parse_json(body).value();
    return world.call("PUT", "/api/persons/{id}", context);
  };
  const auto get = [&](const std::string& who, http::Principal caller) {
    http::RequestContext context;
    context.principal = std::move(caller);
    context.params["id"] = who;
    return world.call("GET", "/api/persons/{id}/export", context);
  };
  ASSERT_TRUE(put("me", R"({"email":"ann@example.com","name":"Ann"})").has_value());
  EXPECT_EQ(put("usr_other", R"({"email":"a@b"})").error().code, base::ErrorCode::not_found);
  EXPECT_NE(get("me", ann())->body.find("ann@example.com"), std::string::npos);
  EXPECT_EQ(get(id.text, {base::UserId("usr_eve"), {"shopper"}}).error().code, base::ErrorCode::not_found);
  const auto tokens = sign_in();
  ASSERT_TRUE(post("/api/persons/{id}/erase", Json::object(), ann(), "me").has_value());
  for (const auto& [key, record] : world.store.records) {
    EXPECT_EQ(record.value.find("ann@example.com"), std::string::npos) << record.value;
    EXPECT_EQ(record.value.find("\"Ann\""), std::string::npos) << record.value;
    EXPECT_NE(record.kind, "user");
  }
  EXPECT_FALSE(works(tokens.access));
  EXPECT_FALSE(world.sign_in("ann", kPassword).has_value());
  EXPECT_EQ(world.store.events.back().type, "operator.person-erased");
  EXPECT_EQ(world.store.events.back().data.find("ann"), std::string::npos);
  ASSERT_TRUE(post("/api/persons/{id}/erase", Json::object(), std::nullopt, id.text).has_value());
}

}  // namespace
}  // namespace ow::identity
