// The configuration of `serve`: which source wins, and what is refused by name.
#include "app/config.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <optional>

#include "harness/process.h"

namespace ow::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Words = std::vector<std::string>;

class ConfigTest : public testing::Test {
 protected:
  void SetUp() override { forget(); }
  void TearDown() override { forget(); }
  static void forget() {
    for (const auto& member : config_members()) ::unsetenv(member.environment.c_str());
  }
  std::string file(const std::string& text) {
    const auto path = directory_.path() + "/config.json";
    std::ofstream(path) << text;
    return path;
  }
  static base::Result<Config> read(Words words) {
    std::optional<base::Result<Config>> config;
    CommandSpec serve{"serve", "", {}, {{"config", "FILE", ""}}, [&](const Invocation& given) {
                        config = read_config(given);
                        return Exit::done;
                      }};
    for (const auto& member : config_members()) {
      if (!member.option.name.empty()) serve.options.push_back(member.option);
    }
    words.insert(words.begin(), "serve");
    EXPECT_EQ(CommandLine({serve}).run(words), Exit::done);
    return config.value();
  }
  static std::string refusal(const Words& words) {
    const auto config = read(words);
    EXPECT_FALSE(config.has_value());
    if (config) return "";
    EXPECT_EQ(config.error().code, base::ErrorCode::malformed);
    return config.error().message;
  }

 private:
  tests::TemporaryDirectory directory_;
};

TEST_F(ConfigTest, a_flag_wins_over_the_environment_that_over_the_file_that_over_the_default) {
  const Words demo = {"--demo", "--data", "d"};
  EXPECT_EQ(read(demo)->rate_limit, 2000);
  const auto path = file(R"({"rateLimit": 10, "listen": "127.0.0.1:1"})");
  auto words = demo;
  words.insert(words.end(), {"--config", path});
  EXPECT_EQ(read(words)->rate_limit, 10);
  ::setenv("OW_RATE_LIMIT", "20", 1);
  EXPECT_EQ(read(words)->rate_limit, 20);
  words.insert(words.end(), {"--rate-limit", "30"});
  EXPECT_EQ(read(words)->rate_limit, 30);
  EXPECT_EQ(read(words)->port, 1) << "what is given nowhere else is the file's";
}

TEST_F(ConfigTest, says_how_long_each_kind_is_kept_and_refuses_less_than_is_promised) {
  const Words demo = {"--demo", "--data", "d"};
  const auto with = [&](const Words& more) {
    auto words = demo;
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  const auto plain = read(demo);
  EXPECT_EQ(plain->kept.idempotency, std::chrono::hours(24));
  EXPECT_EQ(plain->kept.executions, std::chrono::days(30));
  EXPECT_EQ(plain->kept.dead_letters, std::chrono::days(14));
  EXPECT_FALSE(plain->kept.event_days);
  const auto given = read(
      with({"--idempotency-hours", "48", "--execution-days", "7", "--dead-letter-days", "2", "--event-days", "400"}));
  EXPECT_EQ(given->kept.idempotency, std::chrono::hours(48));
  EXPECT_EQ(given->kept.executions, std::chrono::days(7));
  EXPECT_EQ(given->kept.dead_letters, std::chrono::days(2));
  EXPECT_EQ(given->kept.event_days, 400);
  EXPECT_THAT(refusal(with({"--idempotency-hours", "23"})), HasSubstr("idempotencyHours must be at least 24"));
  EXPECT_THAT(refusal(with({"--execution-days", "0"})), HasSubstr("executionDays"));
  EXPECT_THAT(refusal(with({"--dead-letter-days", "4000"})), HasSubstr("deadLetterDays"));
}

TEST_F(ConfigTest, the_file_and_the_environment_alone_are_enough) {
  const auto config = read({"--config", file(R"({"data": "d", "demo": true, "rateLimit": "off", "accessLog": true,
    "publicUrl": "https://shop.example//", "corsOrigins": "https://a.example,https://b.example"})")});
  ASSERT_TRUE(config.has_value());
  EXPECT_TRUE(config->demo);
  EXPECT_TRUE(config->access_log);
  EXPECT_FALSE(config->rate_limit.has_value());
  EXPECT_EQ(config->public_url, "https://shop.example");
  EXPECT_THAT(config->cors_origins, ElementsAre("https://a.example", "https://b.example"));
  ::setenv("OW_DATA", "e", 1);
  ::setenv("OW_DEMO", "true", 1);
  EXPECT_EQ(read({})->data, "e");
}

TEST_F(ConfigTest, the_environment_can_take_the_demo_back) {
  const auto path = file(R"({"data": "d", "demo": true})");
  ::setenv("OW_DEMO", "false", 1);
  EXPECT_THAT(refusal({"--config", path}), HasSubstr("gatewayUrl is required"));
}

TEST_F(ConfigTest, an_unknown_member_of_the_file_is_named_with_the_file) {
  const auto path = file(R"({"data": "d", "demo": true, "colour": "red"})");
  EXPECT_THAT(refusal({"--config", path}), HasSubstr(path + ": colour is no member"));
}

TEST_F(ConfigTest, a_file_that_is_no_configuration_is_named) {
  for (const auto* text : {"", "{", "[]", "\"x\"", R"({"data": "a", "data": "b"})"}) {
    const auto path = file(text);
    EXPECT_THAT(refusal({"--demo", "--config", path}), HasSubstr(path)) << text;
  }
  EXPECT_THAT(refusal({"--demo", "--config", "/no/such/file"}), HasSubstr("/no/such/file"));
  EXPECT_THAT(refusal({"--config", file(R"({"data": ["d"]})")}), HasSubstr("data must be"));
}

TEST_F(ConfigTest, values_out_of_range_are_refused_by_name) {
  for (const auto* limit : {"0", "-1", "", "many", "1.5", "99999999999", "10 "}) {
    EXPECT_THAT(refusal({"--demo", "--data", "d", "--rate-limit", limit}), HasSubstr("rateLimit")) << limit;
  }
  for (const auto* listen :
       {"", "8080", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:80 "}) {
    EXPECT_THAT(refusal({"--demo", "--data", "d", "--listen", listen}), HasSubstr("listen")) << listen;
  }
  ::setenv("OW_DEMO", "yes", 1);
  EXPECT_THAT(refusal({"--data", "d"}), HasSubstr("demo must be true or false"));
}

TEST_F(ConfigTest, listen_takes_both_families) {
  EXPECT_EQ(read({"--demo", "--data", "d", "--listen", "[::1]:0"})->address, "::1");
  EXPECT_EQ(read({"--demo", "--data", "d", "--listen", "127.0.0.2:65535"})->port, 65535);
}

TEST_F(ConfigTest, the_demo_refuses_to_listen_beyond_loopback) {
  for (const auto* listen : {"0.0.0.0:1", "[::]:1", "192.0.2.1:1", "[2001:db8::1]:1", ":1", "10.127.0.1:1"}) {
    EXPECT_THAT(refusal({"--demo", "--data", "d", "--listen", listen}), HasSubstr("loopback")) << listen;
  }
  EXPECT_TRUE(read({"--data", "d", "--gateway", "http://g", "--listen", "0.0.0.0:1"}).has_value());
}

TEST_F(ConfigTest, data_and_outside_the_demo_a_gateway_are_required) {
  EXPECT_THAT(refusal({"--demo"}), HasSubstr("data is required"));
  EXPECT_THAT(refusal({"--demo", "--data", ""}), HasSubstr("data is required"));
  EXPECT_THAT(refusal({"--data", "d"}), HasSubstr("gatewayUrl is required"));
}

TEST_F(ConfigTest, an_outside_issuer_needs_its_keys_and_a_client) {
  const Words words = {"--demo", "--data", "d"};
  ::setenv("OW_ISSUER", "https://id.example", 1);
  EXPECT_THAT(refusal(words), HasSubstr("jwksUrl"));
  ::setenv("OW_JWKS_URL", "https://id.example/jwks", 1);
  EXPECT_THAT(refusal(words), HasSubstr("clientId"));
  ::setenv("OW_CLIENT_ID", "shop", 1);
  const auto config = read(words);
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->outside_issuer->groups_claim, "cognito:groups");
}

TEST_F(ConfigTest, the_documentation_names_every_member) {
  const auto page = tests::read_file(OW_SOURCE_DIR "/docs/configuration.md");
  for (const auto& member : config_members()) {
    EXPECT_THAT(page, HasSubstr("| `" + member.name + "` | `" + member.environment + "` |"));
    if (!member.option.name.empty()) EXPECT_THAT(page, HasSubstr("`--" + member.option.name));
  }
}

}  // namespace
}  // namespace ow::app
