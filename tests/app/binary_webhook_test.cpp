// `webhook check-url` and `webhook verify` as processes: what they print and with which code they end.
#include <gmock/gmock.h>

#include "app/binary.h"

namespace ow::tests {
namespace {

using testing::HasSubstr;

class WebhookTest : public BinaryTest {};

Outcome check_url(std::vector<std::string> words) {
  words.insert(words.begin(), {"webhook", "check-url"});
  return run_binary(words);
}

TEST_F(WebhookTest, a_public_address_is_allowed_and_an_inner_one_denied_with_the_reason) {
  EXPECT_EQ(check_url({"https://8.8.8.8/hook"}).exit, 0);
  const auto denied = check_url({"https://0x7f.1/"});
  EXPECT_EQ(denied.exit, 1);
  EXPECT_THAT(denied.out, HasSubstr("127.0.0.1 is in 127.0.0.0/8 (loopback)"));
  const auto json = check_url({"--json", "https://[::1]/"});
  EXPECT_EQ(json.exit, 1);
  EXPECT_EQ(json.json().bool_at("allow"), false);
  EXPECT_EQ(text_of(json.json(), "error"), "address_refused");
}

TEST_F(WebhookTest, what_cannot_be_read_as_a_url_is_denied) {
  for (const auto* url : {"", "-", "example.com", "https://", "https://user@8.8.8.8/", "https://8.8.8.8:0/", "\xFF",
                          "http://1.1.1.1 &@2.2.2.2#@3.3.3.3/", "http://8.8.8.8/"}) {
    EXPECT_EQ(check_url({url}).exit, 1) << url;
  }
}

TEST_F(WebhookTest, a_name_is_judged_by_what_it_is_said_to_resolve_to) {
  const std::string url = "https://Shop.example./hook";
  EXPECT_EQ(check_url({url}).exit, 1);
  EXPECT_EQ(check_url({"--resolve", "other.example=8.8.8.8", url}).exit, 1);
  EXPECT_EQ(check_url({"--resolve", "SHOP.EXAMPLE=8.8.8.8,2606:4700:4700::1111", url}).exit, 0);
  EXPECT_EQ(check_url({"--resolve", "ｓhop.example.=8.8.8.8", url}).exit, 0);
  EXPECT_EQ(check_url({"--resolve", "shop.example=8.8.8.8,10.0.0.1", url}).exit, 1);
  EXPECT_EQ(check_url({"--resolve", "shop.example=8.8.8.8", "--resolve", "shop.example=::1", url}).exit, 1);
}

TEST_F(WebhookTest, an_option_that_cannot_be_read_is_a_usage_error) {
  for (const auto* resolve :
       {"", "=", "a", "a=", "=8.8.8.8", "a=8.8.8.8,", "a=b", "a=8.8.8", "a b=8.8.8.8", "a=fe80::1%eth0", "a=[::1]"}) {
    EXPECT_EQ(check_url({"--resolve", resolve, "https://8.8.8.8/"}).exit, 2) << resolve;
  }
  EXPECT_EQ(check_url({"--allow", "10.0.0.1/8", "https://8.8.8.8/"}).exit, 2);
  EXPECT_EQ(check_url({}).exit, 2);
}

TEST_F(WebhookTest, an_opened_address_is_allowed_also_by_http) {
  EXPECT_EQ(check_url({"--allow", "127.0.0.0/8", "http://127.0.0.1:9000/"}).exit, 0);
  EXPECT_EQ(check_url({"--allow", "127.0.0.0/8", "http://10.0.0.1:9000/"}).exit, 1);
}

/// The example of the public libraries' own tests.
std::vector<std::string> delivery(const std::string& body, const std::string& now) {
  return {"webhook",     "verify",     "--id",        "msg_p5jXN8AQM9LWM0D4loKWxJek",
          "--timestamp", "1614265330", "--body",      body,
          "--now",       now,          "--signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="};
}

Outcome verify(const std::string& body, const std::string& now, const std::vector<std::string>& secrets) {
  auto words = delivery(body, now);
  for (const auto& secret : secrets) words.insert(words.end(), {"--secret", secret});
  words.emplace_back("--json");
  return run_binary(words, {.input = R"({"test": 2432232314})"});
}

TEST_F(WebhookTest, a_delivery_is_valid_under_any_of_the_secrets_within_300_seconds) {
  const std::string right = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const std::string other = "whsec_AAAA";
  const auto body = file("body", R"({"test": 2432232314})");
  for (const auto* now : {"1614265030", "1614265330", "1614265630"}) {
    EXPECT_EQ(verify(body, now, {other, right}).exit, 0) << now;
  }
  EXPECT_EQ(verify("-", "1614265330", {right}).json().bool_at("valid"), true);
  EXPECT_EQ(text_of(verify(body, "1614265631", {right}).json(), "error"), "webhook_too_old");
  EXPECT_EQ(verify(body, "1614265029", {right}).exit, 1);
  EXPECT_EQ(verify(body, "1614265330", {other}).exit, 1);
  EXPECT_EQ(verify(body, "1614265330", {"no secret"}).exit, 1);
  EXPECT_EQ(verify(file("changed", "{}"), "1614265330", {right}).exit, 1);
}

TEST_F(WebhookTest, a_body_or_second_that_cannot_be_read_is_a_usage_error) {
  EXPECT_EQ(verify(path("nothing"), "1614265330", {"whsec_AAAA"}).exit, 2);
  EXPECT_EQ(verify("-", "soon", {"whsec_AAAA"}).exit, 2);
  EXPECT_EQ(verify("-", "1614265330", {}).exit, 2);
}

}  // namespace
}  // namespace ow::tests
