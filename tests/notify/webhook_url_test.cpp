// Webhook URLs: what is read, and that no second reader can see another host. Test thread only.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "notify/webhook_url.h"

namespace ow::notify {
namespace {

using namespace std::literals;

std::string normal(std::string_view text) {
  const auto url = parse_webhook_url(text);
  return url ? to_text(*url) : "refused";
}

TEST(WebhookUrl, IsReadIntoItsParts) {
  const auto url = parse_webhook_url("HTTPS://Example.com:8443/hook/a?x=1&y=%20#there");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(to_text(url->host), "example.com");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->target, "/hook/a?x=1&y=%20");
}

TEST(WebhookUrl, HasOneNormalForm) {
  EXPECT_EQ(normal("https://example.com"), "https://example.com/");
  EXPECT_EQ(normal("https://EXAMPLE.com.:443?a"), "https://example.com/?a");
  EXPECT_EQ(normal("http://example.com:80/a"), "http://example.com/a");
  EXPECT_EQ(normal("https://example.com:80/"), "https://example.com:80/");
  EXPECT_EQ(normal("https://[2001:DB8::1]:8443/"), "https://[2001:db8::1]:8443/");
  EXPECT_EQ(normal("https://0x7f.1/"), "https://127.0.0.1/");
  EXPECT_EQ(normal("https://8.8.8.8#@127.0.0.1/"), "https://8.8.8.8/");
  EXPECT_EQ(normal("https://8.8.8.8/@127.0.0.1/"), "https://8.8.8.8/@127.0.0.1/");
  EXPECT_EQ(normal("https://8.8.8.8?@127.0.0.1/"), "https://8.8.8.8/?@127.0.0.1/");
}

TEST(WebhookUrl, WhatIsNoHttpsOrHttpUrlIsRefused) {
  for (const auto* text : {"",
                           "https",
                           "https:",
                           "https:/",
                           "https://",
                           "https:///",
                           "https:///example.com",
                           "https:example.com",
                           "https:/example.com",
                           "//example.com",
                           "example.com",
                           "/hook",
                           "ftp://example.com",
                           "file:///etc/passwd",
                           "gopher://example.com",
                           "httpss://example.com",
                           "xhttps://example.com",
                           "javascript:alert(1)",
                           "https://?a",
                           "https://#a",
                           "https://:443/",
                           "ws://example.com",
                           "http",
                           "blob:https://example.com/"}) {
    EXPECT_EQ(normal(text), "refused") << text;
  }
}

TEST(WebhookUrl, UserInformationIsRefused) {
  for (const auto* text : {"https://user@example.com/", "https://user:pass@example.com/", "https://@example.com/",
                           "https://:@example.com/", "https://8.8.8.8@127.0.0.1/", "https://8.8.8.8:443@127.0.0.1/",
                           "https://a@b@example.com/", "https://user%40example.com/", "https://8.8.8.8%40127.0.0.1/",
                           "https://[::1]@example.com/", "https://example.com:443@evil.example:80@127.0.0.1/"}) {
    EXPECT_EQ(normal(text), "refused") << text;
  }
}

TEST(WebhookUrl, WhatReadersOfUrlsDisagreeAboutIsRefused) {
  for (const std::string_view text : {"http://1.1.1.1 &@2.2.2.2#@3.3.3.3/"sv,
                                      "https://8.8.8.8\\@127.0.0.1/"sv,
                                      "https:\\\\8.8.8.8/"sv,
                                      "https://8.8.8.8\\.127.0.0.1/"sv,
                                      "https://8.8.8.8/a\\b"sv,
                                      " https://8.8.8.8/"sv,
                                      "https://8.8.8.8/ "sv,
                                      "https://8.8.8.8/\n"sv,
                                      "ht\ntps://8.8.8.8/"sv,
                                      "https://8.8.\t8.8/"sv,
                                      "https://8.8.8.8\r\nHost: a/"sv,
                                      "https://8.8.8.8/\r\nX: 1"sv,
                                      "https://8.8.8.8\0.example/"sv,
                                      "https://8.8.8.8/\0"sv,
                                      "https://8.8.8.8/\x7F"sv,
                                      "https://8.8.8.8/?q=a b"sv,
                                      "https://127.0.0.1:11211:80/"sv,
                                      "https://8.8.8.8:80:443/"sv,
                                      "https://[::1]8.8.8.8/"sv,
                                      "https://[::1]:x/"sv,
                                      "https://[::1"sv,
                                      "https://8.8.8.8/\u00FC"sv,
                                      "https://8.8.8.8/?\u3000"sv,
                                      "https://8.8.8.8％2f@127.0.0.1"sv,
                                      "https://8.8.8.8／.example/"sv}) {
    EXPECT_EQ(normal(text), "refused") << text;
  }
}

TEST(WebhookUrl, APortIsANumberFrom1To65535) {
  EXPECT_EQ(normal("https://8.8.8.8:1/"), "https://8.8.8.8:1/");
  EXPECT_EQ(normal("https://8.8.8.8:65535/"), "https://8.8.8.8:65535/");
  for (const auto* text : {"https://8.8.8.8:/", "https://8.8.8.8:0/", "https://8.8.8.8:65536/", "https://8.8.8.8:-1/",
                           "https://8.8.8.8:+1/", "https://8.8.8.8:0x50/", "https://8.8.8.8:８０/",
                           "https://8.8.8.8:4a/", "https://8.8.8.8:99999999999999999999/"}) {
    EXPECT_EQ(normal(text), "refused") << text;
  }
}

TEST(WebhookUrl, IsNotLongerThanItsBound) {
  const std::string start = "https://example.com/";
  EXPECT_NE(normal(start + std::string(kUrlBytesMax - start.size(), 'a')), "refused");
  EXPECT_EQ(normal(start + std::string(kUrlBytesMax - start.size() + 1, 'a')), "refused");
}

TEST(WebhookUrl, ARefusalSaysWhy) {
  const auto url = parse_webhook_url("https://user@example.com/");
  ASSERT_FALSE(url);
  EXPECT_EQ(url.error().code, base::ErrorCode::malformed);
  EXPECT_EQ(url.error().reason, "malformed_url");
  EXPECT_EQ(url.error().message, "The URL cannot be used: user information before the host is refused.");
}

RC_GTEST_PROP(WebhookUrl, AnyTextIsReadOrRefusedAndTheNormalFormIsStable, (const std::string& text)) {
  for (const auto& candidate : {text, "https://" + text, "https://8.8.8.8" + text, "https://example.com/" + text}) {
    const auto url = parse_webhook_url(candidate);
    if (url) RC_ASSERT(normal(to_text(*url)) == to_text(*url));
  }
}

RC_GTEST_PROP(WebhookUrl, WhateverFollowsASlashTheHostStaysTheHost, (const std::string& text)) {
  const auto url = parse_webhook_url("https://8.8.8.8/" + text);
  if (url) RC_ASSERT(url->host == Host(IpAddress::v4(0x08080808)));
}

RC_GTEST_PROP(WebhookUrl, AUrlOfTrickyCharactersIsReadOrRefused, ()) {
  const auto alphabet =
      rc::gen::element('0', '1', '2', '7', 'x', 'a', '.', ':', '/', '@', '[', ']', '%', '#', '?', '-');
  const auto text = "https://" + *rc::gen::container<std::string>(alphabet);
  const auto url = parse_webhook_url(text);
  if (url) RC_ASSERT(normal(to_text(*url)) == to_text(*url));
}

}  // namespace
}  // namespace ow::notify
