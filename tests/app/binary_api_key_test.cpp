// `api-key …` against a running server, and what a key may then do.
#include <gmock/gmock.h>

#include "app/binary.h"

namespace ow::tests {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

class ApiKeyCommandTest : public SharedServerTest {
 protected:
  static std::string make(std::vector<std::string> more = {"--scope", "orders:read"}) {
    std::vector<std::string> words = {"api-key", "create", "--name", "ERP"};
    words.insert(words.end(), more.begin(), more.end());
    const auto made = server().run(words, "demo-admin");
    EXPECT_EQ(made.exit, 0) << made.err;
    EXPECT_THAT(made.out, MatchesRegex("ow_[-A-Za-z0-9_]{49}\n"));
    EXPECT_THAT(made.err, HasSubstr("not shown again"));
    return made.out.substr(0, made.out.size() - 1);
  }
  static Outcome with_key(const std::string& key, std::vector<std::string> words) {
    words.insert(words.end(), {"--server", server().url()});
    return run_binary(words, {.input = {}, .environment = {"OW_TOKEN=" + key}});
  }
};

TEST_F(ApiKeyCommandTest, a_key_does_what_its_scope_says_and_no_more) {
  const auto key = make();
  const auto order = server().place(mug_order());
  const auto shown = with_key(key, {"order", "show", order, "--json"});
  EXPECT_EQ(shown.exit, 0) << shown.err;
  EXPECT_EQ(text_of(shown.json(), "orderId"), order);
  const auto refused = with_key(key, {"order", "cancel", order});
  EXPECT_EQ(refused.exit, 1);
  EXPECT_THAT(refused.err, HasSubstr("orders:write"));
  EXPECT_THAT(with_key(key, {"api-key", "list"}).err, HasSubstr("No API key may do this"));
}

TEST_F(ApiKeyCommandTest, rotate_and_revoke) {
  const auto key = make();
  const auto listed = server().run({"api-key", "list", "--json"}, "demo-admin").json();
  const auto id = text_of(listed.find("items")->as_array().at(0), "keyId");
  const auto rotated = server().run({"api-key", "rotate", id, "--overlap", "600"}, "demo-admin");
  EXPECT_EQ(rotated.exit, 0) << rotated.err;
  const auto fresh = rotated.out.substr(0, rotated.out.size() - 1);
  EXPECT_EQ(with_key(key, {"order", "list"}).exit, 0);
  EXPECT_EQ(with_key(fresh, {"order", "list"}).exit, 0);
  EXPECT_EQ(server().run({"api-key", "revoke", id, "--reason", "leaked"}, "demo-admin").exit, 0);
  EXPECT_EQ(with_key(fresh, {"order", "list"}).exit, 1);
  EXPECT_EQ(with_key(key, {"order", "list"}).exit, 1);
  EXPECT_THAT(server().run({"api-key", "show", id}, "demo-admin").out, HasSubstr("revoked"));
}

TEST_F(ApiKeyCommandTest, only_admins_make_keys_and_mistakes_are_named) {
  EXPECT_EQ(server().run({"api-key", "create", "--name", "x", "--scope", "orders:read"}, "demo-operator").exit, 1);
  const auto refused = server().run({"api-key", "create", "--name", "x", "--scope", "orders:eat"}, "demo-admin");
  EXPECT_EQ(refused.exit, 1);
  EXPECT_THAT(refused.err, HasSubstr("there is no scope orders:eat"));
  EXPECT_EQ(run_binary({"api-key", "create", "--name", "x"}).exit, 2);
  EXPECT_THAT(run_binary({"api-key", "scopes"}).out, HasSubstr("events:ingest"));
}

}  // namespace
}  // namespace ow::tests
