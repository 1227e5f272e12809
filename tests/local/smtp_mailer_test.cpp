// SmtpMailer against a real SMTP server: encryption, login, refusals at every step, a server that hangs.
#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "local/asio_executor.h"
#include "local/smtp_mailer.h"
#include "tests/local/smtp_peer.h"

namespace ow::local {
namespace {

using namespace std::chrono_literals;
using base::ErrorCode;
using base::Json;
using platform::MailVerdict;
using platform::OutgoingMail;
using Verdict = base::Result<MailVerdict>;

base::Task<void> send_into(SmtpMailer& mailer, OutgoingMail mail, std::optional<Verdict>& out) {
  out = co_await mailer.send(std::move(mail));
}

OutgoingMail mail_to(const std::string& recipient) {
  return {"mail_1.0@shop.example", "shop@shop.example", recipient, "Subject: Hello\r\n\r\nHello\r\n"};
}

class SmtpMailerTest : public testing::Test {
 protected:
  void connect(SmtpOptions options) {
    options.timeout = 3s;
    options.reply_timeout = 2s;
    auto made = SmtpMailer::make(executor_, std::move(options));
    ASSERT_TRUE(made) << made.error().message;
    mailer_ = std::move(*made);
  }
  void plain(const SmtpPeer& peer) { connect({.url = "smtp+plain://127.0.0.1:" + std::to_string(peer.port())}); }
  SmtpOptions starttls(const SmtpPeer& peer) {
    return {.url = "smtp://localhost:" + std::to_string(peer.port()), .ca_file = peer.ca_file()};
  }
  Verdict send(OutgoingMail mail = mail_to("ann@example.org")) {
    std::optional<Verdict> verdict;
    executor_.spawn(send_into(*mailer_, std::move(mail), verdict));
    while (!verdict) executor_.loop().run_one();
    return std::move(*verdict);
  }
  std::string reason_of(const Verdict& verdict) {
    EXPECT_FALSE(verdict.has_value()) << "the server took it";
    return verdict ? "" : verdict.error().reason;
  }

  AsioExecutor executor_;
  std::unique_ptr<SmtpMailer> mailer_;
};

TEST_F(SmtpMailerTest, starttls_and_login_protect_the_dialogue) {
  SmtpPeer peer(Json::object({{"starttls", true}, {"auth", Json::object({{"user", "shop"}, {"password", "pw"}})}}));
  auto options = starttls(peer);
  options.user = "shop";
  options.password = "pw";
  connect(options);
  const auto verdict = send();
  ASSERT_TRUE(verdict) << verdict.error().message;
  EXPECT_EQ(verdict->kind, MailVerdict::Kind::accepted);
  const auto taken = peer.taken();
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].bool_at("secure"), true);
  EXPECT_EQ(taken[0].string_at("user"), "shop");
  EXPECT_EQ(taken[0].string_at("from"), "shop@shop.example");
}

TEST_F(SmtpMailerTest, tls_from_the_start_works_too) {
  SmtpPeer peer(Json::object({{"tls", true}}));
  connect({.url = "smtps://localhost:" + std::to_string(peer.port()), .ca_file = peer.ca_file()});
  const auto verdict = send();
  ASSERT_TRUE(verdict) << verdict.error().message;
  EXPECT_EQ(peer.taken().size(), 1U);
}

TEST_F(SmtpMailerTest, a_refused_login_is_ours_to_mend_and_costs_no_mail) {
  SmtpPeer peer(Json::object({{"starttls", true}, {"auth", Json::object({{"user", "shop"}, {"password", "pw"}})}}));
  auto options = starttls(peer);
  options.user = "shop";
  options.password = "wrong";
  connect(options);
  EXPECT_EQ(reason_of(send()), "mail_login_refused");
  EXPECT_TRUE(peer.taken().empty());
}

TEST_F(SmtpMailerTest, nothing_is_sent_without_the_encryption_that_was_asked_for) {
  SmtpPeer bare;
  connect({.url = "smtp://localhost:" + std::to_string(bare.port())});
  EXPECT_EQ(reason_of(send()), "mail_tls_failed");
  SmtpPeer unknown(Json::object({{"starttls", true}}));
  connect({.url = "smtp://localhost:" + std::to_string(unknown.port())});
  EXPECT_EQ(reason_of(send()), "mail_tls_failed");
  EXPECT_TRUE(bare.taken().empty());
  EXPECT_TRUE(unknown.taken().empty());
}

TEST_F(SmtpMailerTest, a_5xx_at_any_step_is_permanent_and_a_4xx_is_not) {
  // A refused EHLO is no step of its own: the dialogue goes on with HELO (RFC 5321 section 3.2).
  for (const std::string at : {"connect", "mail", "rcpt", "data", "end"}) {
    for (const int code : {550, 450}) {
      SmtpPeer peer(Json::object({{"rules", Json::array({rule_at(at, code, "scripted words")})}}));
      plain(peer);
      const auto verdict = send();
      ASSERT_TRUE(verdict) << at << " " << code << ": " << verdict.error().message;
      EXPECT_EQ(verdict->kind, code == 550 ? MailVerdict::Kind::refused : MailVerdict::Kind::postponed) << at;
      EXPECT_EQ(verdict->code, code) << at;
      EXPECT_NE(verdict->text.find("scripted words"), std::string::npos) << at << ": " << verdict->text;
      EXPECT_TRUE(peer.taken().empty()) << at;
    }
  }
}

TEST_F(SmtpMailerTest, a_server_that_hangs_before_the_data_did_not_take_the_mail) {
  for (const std::string at : {"connect", "ehlo", "mail", "rcpt", "data"}) {
    SmtpPeer peer(Json::object({{"rules", Json::array({rule_at(at, 0, "")})}}));
    plain(peer);
    const auto verdict = send();
    ASSERT_FALSE(verdict) << at;
    EXPECT_EQ(verdict.error().code, ErrorCode::unavailable) << at << ": " << verdict.error().message;
  }
}

TEST_F(SmtpMailerTest, a_server_that_is_not_there_is_unavailable) {
  connect({.url = "smtp+plain://127.0.0.1:" + std::to_string(tests::free_port())});
  const auto verdict = send();
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().code, ErrorCode::unavailable);
}

TEST_F(SmtpMailerTest, an_address_beyond_ascii_goes_out_as_smtputf8_or_not_at_all) {
  SmtpPeer peer;
  plain(peer);
  const auto verdict = send(mail_to("j\xc3\xb6rg@example.org"));
  ASSERT_TRUE(verdict) << verdict.error().message;
  ASSERT_EQ(peer.taken().size(), 1U);
  EXPECT_EQ(peer.taken()[0].find("to")->as_array()[0].as_string(), "j\xc3\xb6rg@example.org");
}

TEST_F(SmtpMailerTest, a_server_that_cannot_be_one_is_refused) {
  for (const std::string url : {"", "http://x", "smtp://", "smtp://user@host", "smtp://host/path", "smtp://ho st"})
    EXPECT_FALSE(SmtpMailer::make(executor_, {.url = url})) << url;
  EXPECT_FALSE(SmtpMailer::make(executor_, {.url = "smtp://host", .client_name = "a\r\nb"}));
}

}  // namespace
}  // namespace ow::local
