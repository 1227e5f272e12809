// Signatures of webhooks against codes that the OpenSSL command line computed. Test thread only.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "http/standard_webhooks.h"

namespace ow::http::standard_webhooks {
namespace {

// The example of the public libraries' own tests.
constexpr std::string_view kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view kId = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr std::string_view kTimestamp = "1614265330";
constexpr std::string_view kBody = R"({"test": 2432232314})";
constexpr std::string_view kSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

constexpr std::string_view kOldSecret = "whsec_YW4gb2xkZXIga2V5IG9mIDMyIGJ5dGVzLi4uLi4uLi4=";
constexpr std::string_view kOldSignature = "v1,CcXOnsO51u5a/nh6KI0yrHdYL7fzU6Ba4D2ZWdfm6ps=";
constexpr std::string_view kWrongSignature = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=";

constexpr base::Instant at(std::int64_t seconds) { return {seconds * 1'000'000}; }
constexpr auto kNow = at(1614265330);

std::vector<SigningSecret> secrets(std::initializer_list<std::string_view> texts) {
  std::vector<SigningSecret> parsed;
  for (const auto text : texts) parsed.push_back(SigningSecret::parse(text).value());
  return parsed;
}

/// "valid", or the reason's slug.
std::string verdict(const SignedHeaders& headers, std::string_view body = kBody, base::Instant now = kNow) {
  const auto verified = verify(secrets({kSecret}), headers, body, now);
  return verified ? "valid" : verified.error().reason;
}

struct Vector {
  std::string_view secret, id, body;
  std::int64_t seconds;
  std::string_view signature;
};

constexpr Vector kVectors[] = {
    {kSecret, kId, kBody, 1614265330, kSignature},
    {kOldSecret, kId, kBody, 1614265330, kOldSignature},
    {kSecret, "evt_01", "", 0, "v1,7uqMRO5FnyLc65W7iMCfxk2eaO+WrXuLyTEEEHQfWUY="},
    {kSecret, "evt_02", R"({"name":"Zoë 東京"})", 1700000000, "v1,DA1pWArXjpp08GrFSxUeS4QHicVelaXe8iavAUMF7f0="},
    {"whsec_AA==", "evt_03", "x", 1700000000, "v1,g2Q0O0dmMFQ85ml6mBG7JMOLwslbUu7k6DcBN9Iry3k="},
};

TEST(Signature, IsTheOneOthersCompute) {
  for (const auto& each : kVectors) {
    const auto keys = secrets({each.secret});
    EXPECT_EQ(sign(keys, each.id, at(each.seconds), each.body), each.signature) << each.id;
    const auto timestamp = std::to_string(each.seconds);
    EXPECT_TRUE(verify(keys, {each.id, timestamp, each.signature}, each.body, at(each.seconds))) << each.id;
  }
}

TEST(Signature, OfSeveralSecretsIsAListAndEachSecretAloneVerifiesIt) {
  const auto both = secrets({kSecret, kOldSecret});
  const auto header = sign(both, kId, kNow, kBody);
  EXPECT_EQ(header, std::string(kSignature) + " " + std::string(kOldSignature));
  for (const auto secret : {kSecret, kOldSecret}) {
    EXPECT_TRUE(verify(secrets({secret}), {kId, kTimestamp, header}, kBody, kNow)) << secret;
  }
  EXPECT_TRUE(verify(both, {kId, kTimestamp, kOldSignature}, kBody, kNow));
}

TEST(Signature, OneRightSignatureInTheListSuffices) {
  const std::string right(kSignature), wrong(kWrongSignature);
  for (const auto& list : {right + " " + wrong, wrong + " " + right, "v2,abc v1a,xyz " + right, "  " + right + " ",
                           wrong + " v1, , v1 " + right + " " + wrong}) {
    EXPECT_EQ(verdict({kId, kTimestamp, list}), "valid") << list;
  }
}

TEST(Signature, WhatIsNotThatSignatureIsRefused) {
  const std::string right(kSignature);
  const auto code = right.substr(3);
  for (const auto& list :
       {std::string(), std::string(" "), std::string("v1"), std::string("v1,"), code, "v2," + code, "v1a," + code,
        "V1," + code, "v1 ," + code, "v1, " + code, right + ",x", right + "=", right.substr(0, right.size() - 1),
        "v1,v1," + code, right + "\t", "\n" + right, std::string(kWrongSignature), "v1=" + code}) {
    EXPECT_EQ(verdict({kId, kTimestamp, list}), "bad_webhook_signature") << list;
  }
}

TEST(Signature, CoversIdTimestampAndBody) {
  EXPECT_EQ(verdict({"msg_other", kTimestamp, kSignature}), "bad_webhook_signature");
  EXPECT_EQ(verdict({kId, "1614265331", kSignature}), "bad_webhook_signature");
  EXPECT_EQ(verdict({kId, kTimestamp, kSignature}, R"({"test":2432232314})"), "bad_webhook_signature");
  EXPECT_EQ(verdict({kId, kTimestamp, kSignature}, std::string(kBody) + "\n"), "bad_webhook_signature");
}

TEST(Signature, IsTakenWithin300SecondsBeforeAndAfter) {
  const SignedHeaders headers{kId, kTimestamp, kSignature};
  EXPECT_EQ(verdict(headers, kBody, at(1614265330 + 300)), "valid");
  EXPECT_EQ(verdict(headers, kBody, at(1614265330 - 300)), "valid");
  EXPECT_EQ(verdict(headers, kBody, at(1614265330 + 301)), "webhook_too_old");
  EXPECT_EQ(verdict(headers, kBody, at(1614265330 - 301)), "webhook_too_new");
}

TEST(Signature, ATimestampIsANumberOfSeconds) {
  for (const auto* text : {"", "hello", "-1", "+1614265330", " 1614265330", "1614265330 ", "1614265330.0", "1.6e9",
                           "0x6037c232", "99999999999999999999999", "2021-02-25T15:02:10Z"}) {
    EXPECT_EQ(verdict({kId, text, kSignature}), "bad_webhook_timestamp") << text;
  }
  EXPECT_EQ(verdict({kId, "9223372036854775807", kSignature}), "webhook_too_new");
  EXPECT_EQ(verdict({kId, "0", kSignature}), "webhook_too_old");
}

TEST(Signature, AnIdThatCouldReachIntoTheTimestampIsRefused) {
  // What is signed is `evt.1614265330.{}` either way.
  const auto header = sign(secrets({kSecret}), "evt", kNow, "1614265331.{}");
  EXPECT_EQ(verdict({"evt", kTimestamp, header}, "1614265331.{}"), "valid");
  EXPECT_EQ(verdict({"evt.1614265330", "1614265331", header}, "{}"), "bad_webhook_id");
  EXPECT_EQ(verdict({"", kTimestamp, header}), "bad_webhook_id");
}

TEST(Signature, ASecretIsItsKeyInBase64WithOrWithoutThePrefix) {
  EXPECT_TRUE(SigningSecret::parse("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
  EXPECT_TRUE(verify(secrets({"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}), {kId, kTimestamp, kSignature}, kBody, kNow));
  EXPECT_EQ(SigningSecret::text_of("an older key of 32 bytes........"), kOldSecret);
  for (const auto* text : {"", "whsec_", "whsec_!", "whsec_AA", "whsec_A===", "whsec_whsec_AA==", "whpk_AAAA",
                           "whsk_AAAA", "WHSEC_AAAA", "whsec_AA==\n", " whsec_AA==", "whsec_-_-_"}) {
    const auto secret = SigningSecret::parse(text);
    ASSERT_FALSE(secret) << text;
    EXPECT_EQ(secret.error().reason, "malformed_secret");
  }
}

TEST(Signature, WithoutASecretNothingIsValid) { EXPECT_FALSE(verify({}, {kId, kTimestamp, kSignature}, kBody, kNow)); }

RC_GTEST_PROP(Signature, ABodyThatWasSignedIsValid, (const std::string& key, const std::string& body)) {
  RC_PRE(!key.empty());
  const std::vector keys = {SigningSecret::parse(SigningSecret::text_of(key)).value()};
  const auto header = sign(keys, kId, kNow, body);
  RC_ASSERT(verify(keys, {kId, kTimestamp, header}, body, kNow).has_value());
}

RC_GTEST_PROP(Signature, OneFlippedBitAnywhereIsRefused, ()) {
  std::string parts[] = {std::string(kId), std::string(kTimestamp), std::string(kSignature), std::string(kBody)};
  auto& part = parts[*rc::gen::inRange(0, 4)];
  auto& byte = part[*rc::gen::inRange<std::size_t>(0, part.size())];
  byte = static_cast<char>(byte ^ 1 << *rc::gen::inRange(0, 8));
  RC_ASSERT(verdict({parts[0], parts[1], parts[2]}, parts[3]) != "valid");
}

RC_GTEST_PROP(Signature, AnyTextIsReadAndRefused,
              (const std::string& id, const std::string& timestamp, const std::string& signature)) {
  RC_ASSERT(verdict({id, timestamp, signature}) != "valid");
  RC_ASSERT(verdict({kId, kTimestamp, signature}) != "valid");
  RC_ASSERT(verdict({kId, timestamp, kSignature}) != "valid");
}

}  // namespace
}  // namespace ow::http::standard_webhooks
