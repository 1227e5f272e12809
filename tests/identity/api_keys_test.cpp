// API keys: shown once, kept as a digest, rotated with overlap, revoked at once.
#include "identity/api_keys.h"

#include <gtest/gtest.h>

#include "identity/bounds.h"
#include "world.h"

namespace ow::identity {
namespace {

using base::Json;

class ApiKeysTest : public ::testing::Test {
 protected:
  base::Result<Json> ask(const std::string& method, const std::string& path, const std::string& id = {},
                         const std::string& body = "{}") {
    http::RequestContext context;
    if (!id.empty()) context.params["id"] = id;
    context.body = base::parse_json(body).value();
    auto answer = world.call(method, "/api/api-keys" + path, context);
    if (!answer) return base::fail(answer.error());
    return base::parse_json(answer->body);
  }
  Json make(const std::string& body = R"({"name":"ERP","scopes":["orders:read"]})") {
    return ask("POST", "", {}, body).value();
  }
  static std::string text(const Json& key, const char* name) { return std::string(key.string_at(name).value_or("")); }
  bool works(const std::string& key) { return world.authenticate(key).has_value(); }
  std::vector<std::string> violations(const std::string& body) {
    const auto refused = ask("POST", "", {}, body);
    return refused ? std::vector<std::string>{} : refused.error().violations;
  }

  World world;
};

TEST_F(ApiKeysTest, AKeyNamesItsScopesAndTheCallerIsTheKey) {
  const auto key =
      make(R"({"name":"ERP","scopes":["events:ingest","orders:read"],"sources":["erp"],"ratePerSecond":7})");
  const auto principal = world.authenticate(text(key, "apiKey"));
  ASSERT_TRUE(principal.has_value());
  EXPECT_EQ(principal->user.text, text(key, "keyId"));
  EXPECT_TRUE(principal->roles.empty());
  ASSERT_TRUE(principal->key.has_value());
  EXPECT_TRUE(principal->key->allows("orders:read"));
  EXPECT_FALSE(principal->key->allows("orders:write"));
  EXPECT_EQ(principal->key->sources, std::vector<std::string>{"erp"});
  EXPECT_EQ(principal->key->rate, 7);
}

TEST_F(ApiKeysTest, TheKeyIsShownOnceAndNowhereKept) {
  const auto key = make();
  const auto shown = text(key, "apiKey");
  EXPECT_TRUE(is_key_text(shown)) << shown;
  for (const auto& [place, record] : world.store.records) {
    EXPECT_EQ(record.value.find(shown.substr(9)), std::string::npos) << record.value;
    EXPECT_EQ(place.partition.find(shown), std::string::npos);
  }
  for (const auto& event : world.store.events) EXPECT_EQ(event.data.find(shown.substr(9)), std::string::npos);
  EXPECT_EQ(ask("GET", "/{id}", text(key, "keyId"))->find("apiKey"), nullptr);
  EXPECT_EQ(ask("GET", "")->find("items")->as_array().at(0).find("apiKey"), nullptr);
}

TEST_F(ApiKeysTest, AWrongKeyIsRefusedWhateverIsWrong) {
  const auto good = text(make(), "apiKey");
  auto typo = good;
  typo[10] = typo[10] == 'A' ? 'B' : 'A';
  for (const auto& wrong :
       {typo, good.substr(0, good.size() - 1), good + "A", std::string("ow_"), make_key_text(world.random)}) {
    const auto refused = world.authenticate(wrong);
    ASSERT_FALSE(refused.has_value()) << wrong;
    EXPECT_EQ(refused.error().reason, "invalid_key");
  }
  EXPECT_TRUE(works(good));
}

TEST_F(ApiKeysTest, AfterARotationBothAreGoodUntilTheOverlapEnds) {
  const auto key = make();
  const auto rotated = ask("POST", "/{id}/rotate", text(key, "keyId"), R"({"overlapSeconds":60})");
  ASSERT_TRUE(rotated.has_value());
  const auto old_text = text(key, "apiKey"), new_text = text(*rotated, "apiKey");
  EXPECT_NE(old_text, new_text);
  EXPECT_TRUE(works(old_text) && works(new_text));
  world.clock.advance(std::chrono::seconds(59));
  EXPECT_TRUE(works(old_text));
  world.clock.advance(std::chrono::seconds(1));
  EXPECT_FALSE(works(old_text));
  EXPECT_TRUE(works(new_text));
}

TEST_F(ApiKeysTest, ARotationWithoutOverlapEndsTheOldOneAtOnce) {
  const auto key = make();
  EXPECT_TRUE(works(text(key, "apiKey")));
  const auto rotated = ask("POST", "/{id}/rotate", text(key, "keyId"), R"({"overlapSeconds":0})");
  EXPECT_FALSE(works(text(key, "apiKey")));
  EXPECT_TRUE(works(text(*rotated, "apiKey")));
}

TEST_F(ApiKeysTest, ASecondRotationWaitsForTheFirstUnlessItEndsIt) {
  const auto key = make();
  const auto id = text(key, "keyId");
  ASSERT_TRUE(ask("POST", "/{id}/rotate", id).has_value());
  EXPECT_EQ(ask("POST", "/{id}/rotate", id).error().reason, "rotation_under_way");
  const auto last = ask("POST", "/{id}/rotate", id, R"({"overlapSeconds":0})");
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(last->find("secrets")->as_array().size(), 1U);
  EXPECT_FALSE(works(text(key, "apiKey")));
}

TEST_F(ApiKeysTest, ARevokedKeyIsRefusedAtOnceAndStaysListed) {
  const auto key = make();
  EXPECT_TRUE(works(text(key, "apiKey")));
  ASSERT_TRUE(ask("POST", "/{id}/revoke", text(key, "keyId"), R"({"reason":"leaked"})").has_value());
  EXPECT_FALSE(works(text(key, "apiKey")));
  const auto shown = ask("GET", "/{id}", text(key, "keyId"));
  EXPECT_EQ(text(*shown, "status"), "revoked");
  EXPECT_EQ(ask("POST", "/{id}/revoke", text(key, "keyId"), R"({"reason":"again"})").error().code,
            base::ErrorCode::conflict);
  EXPECT_EQ(ask("POST", "/{id}/rotate", text(key, "keyId")).error().reason, "api_key_ended");
}

TEST_F(ApiKeysTest, AnExpiredKeyIsRefusedFromThatInstant) {
  const auto expires = base::to_rfc3339(world.clock.now() + std::chrono::seconds(5));
  const auto key = make(R"({"name":"n","scopes":["orders:read"],"expiresAt":")" + expires + "\"}");
  EXPECT_TRUE(works(text(key, "apiKey")));
  world.clock.advance(std::chrono::seconds(6));
  EXPECT_FALSE(works(text(key, "apiKey")));
  EXPECT_EQ(text(*ask("GET", "/{id}", text(key, "keyId")), "status"), "expired");
}

TEST_F(ApiKeysTest, AnotherProcessLearnsOfARevocationSoon) {
  const auto key = make();
  Identity other(world.ports(), {});
  const auto used = [&] { return world.executor->run(other.authenticate(text(key, "apiKey"))).has_value(); };
  EXPECT_TRUE(used());
  ASSERT_TRUE(ask("POST", "/{id}/revoke", text(key, "keyId"), R"({"reason":"leaked"})").has_value());
  world.clock.advance(kKeyCached);
  EXPECT_FALSE(used());
}

TEST_F(ApiKeysTest, LastUseIsNotedCoarsely) {
  const auto key = make();
  const auto id = text(key, "keyId");
  EXPECT_EQ(text(*ask("GET", "/{id}", id), "lastUsedAt"), "");
  const auto first = base::to_rfc3339(world.clock.now());
  EXPECT_TRUE(works(text(key, "apiKey")));
  world.scheduler.run_for(std::chrono::minutes(1));
  EXPECT_TRUE(works(text(key, "apiKey")));
  world.scheduler.run_for(std::chrono::seconds(1));
  EXPECT_EQ(text(*ask("GET", "/{id}", id), "lastUsedAt").substr(0, 16), first.substr(0, 16));
  world.clock.advance(kKeyUseNotedEvery);
  EXPECT_TRUE(works(text(key, "apiKey")));
  world.scheduler.run_for(std::chrono::seconds(1));
  EXPECT_NE(text(*ask("GET", "/{id}", id), "lastUsedAt").substr(0, 16), first.substr(0, 16));
}

TEST_F(ApiKeysTest, EveryChangeIsAnOperatorsAction) {
  const auto key = make();
  const auto id = text(key, "keyId");
  ASSERT_TRUE(ask("POST", "/{id}/rotate", id, R"({"reason":"yearly"})").has_value());
  ASSERT_TRUE(ask("POST", "/{id}/revoke", id, R"({"reason":"leaked"})").has_value());
  ASSERT_EQ(world.store.events.size(), 3U);
  const char* types[] = {"operator.api-key-created", "operator.api-key-rotated", "operator.api-key-revoked"};
  const char* why[] = {"", "yearly", "leaked"};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(world.store.events[i].type, types[i]);
    EXPECT_EQ(world.store.events[i].subject, id);
    const auto data = base::parse_json(world.store.events[i].data).value();
    EXPECT_EQ(data.string_at("by"), "usr_admin");
    EXPECT_EQ(data.string_at("why"), why[i]);
  }
}

TEST_F(ApiKeysTest, NamesEveryMemberThatDoesNotDo) {
  using Violations = std::vector<std::string>;
  EXPECT_EQ(violations(R"({"name":"","scopes":["orders:eat"],"ratePerSecond":0})"),
            (Violations{"name must have 1 to 100 characters", "scopes: there is no scope orders:eat",
                        "ratePerSecond must be 1 to 100000"}));
  EXPECT_EQ(violations(R"({"name":"n","scopes":["orders:read"],"sources":["erp"]})"),
            Violations{"sources must be given with the scope events:ingest, and only with it"});
  EXPECT_EQ(violations(R"({"name":"n","scopes":["orders:read"],"expiresAt":"2000-01-01T00:00:00Z"})"),
            Violations{"expiresAt must lie in the future"});
  EXPECT_EQ(violations(R"({"name":"n","scopes":["orders:read"],"expiresAt":"soon"})"),
            Violations{"expiresAt must be a time as RFC 3339 writes it"});
  for (const std::string own : {"orderwright", "Orderwright/orders", "orderwright.x", "aws.events", "a b", ""}) {
    EXPECT_EQ(violations(R"({"name":"n","scopes":["events:ingest"],"sources":[")" + own + "\"]}").size(), 1U) << own;
  }
  EXPECT_TRUE(violations(R"({"name":"n","scopes":["events:ingest"],"sources":["orderwrights","awson"]})").empty());
}

}  // namespace
}  // namespace ow::identity
