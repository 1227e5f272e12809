// Contract of platform/mailer.h. A rig is a mailer with a next hop that can be told what to do.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "platform/mailer.h"

namespace ow::contracts {

using platform::MailVerdict;
using platform::OutgoingMail;

/// What the next hop does with mail to an address that begins with `refuse`, `later` or `silent`: 5xx, 4xx, takes
/// it and never answers; all others it takes.
class MailerRig {
 public:
  virtual ~MailerRig() = default;
  virtual platform::Mailer& mailer() = 0;
  virtual void run(base::Task<void> task) = 0;
  /// Bytes of all mails that were taken.
  virtual std::vector<std::string> taken() = 0;
  /// False for a mailer without a next hop, which takes everything.
  virtual bool may_refuse() const { return true; }
};

using MakeMailer = std::function<std::unique_ptr<MailerRig>()>;

inline OutgoingMail mail_to(const std::string& recipient, const std::string& id = "mail_1.0@shop.example") {
  return {id, "shop@shop.example", recipient,
          "Message-ID: <" + id +
              ">\r\nFrom: shop@shop.example\r\nTo: someone\r\nSubject: Hello\r\n\r\nOne\r\n.\r\n..two\r\n"};
}

class MailerContract : public testing::TestWithParam<std::pair<const char*, MakeMailer>> {
 protected:
  template <typename T>
  static base::Task<void> keep(base::Task<T> task, std::optional<T>& out) {
    out.emplace(co_await task);
  }
  base::Result<MailVerdict> send(OutgoingMail mail) {
    std::optional<base::Result<MailVerdict>> out;
    rig_->run(keep(rig_->mailer().send(std::move(mail)), out));
    return std::move(*out);
  }

  /// Counts what is still under way; completes when nothing is.
  struct Left {
    std::size_t mails;
    base::Completion<bool> none = {};
  };
  static base::Task<void> count_down(base::Task<base::Result<MailVerdict>> task,
                                     std::optional<base::Result<MailVerdict>>& out, Left& left) {
    out.emplace(co_await task);
    if (--left.mails == 0) left.none.complete(true);
  }
  /// `tasks` outlives what it starts, which ends this.
  static base::Task<void> send_each(platform::Mailer& mailer, const std::vector<OutgoingMail>& mails,
                                    std::vector<base::Task<void>>& tasks,
                                    std::vector<std::optional<base::Result<MailVerdict>>>& out) {
    Left left{mails.size()};
    for (std::size_t i = 0; i < mails.size(); ++i) {
      tasks.push_back(count_down(mailer.send(mails[i]), out[i], left));
      const auto awaiter = tasks.back().operator co_await();
      awaiter.await_suspend(std::noop_coroutine()).resume();
    }
    co_await left.none;
  }
  std::vector<std::optional<base::Result<MailVerdict>>> send_at_once(const std::vector<OutgoingMail>& mails) {
    std::vector<std::optional<base::Result<MailVerdict>>> out(mails.size());
    std::vector<base::Task<void>> tasks;
    rig_->run(send_each(rig_->mailer(), mails, tasks, out));
    return out;
  }

  std::optional<std::string> kept(const std::string& id) {
    std::optional<base::Result<std::optional<std::string>>> out;
    rig_->run(keep(rig_->mailer().kept(id), out));
    EXPECT_TRUE(out->has_value());
    return std::move(**out);
  }
  bool forget(const std::string& id) {
    std::optional<base::Result<void>> out;
    rig_->run(keep(rig_->mailer().forget(id), out));
    return out->has_value();
  }

  std::unique_ptr<MailerRig> rig_ = GetParam().second();
};

TEST_P(MailerContract, a_mail_arrives_byte_for_byte) {
  const auto mail = mail_to("ann@example.org");
  const auto verdict = send(mail);
  ASSERT_TRUE(verdict) << verdict.error().message;
  EXPECT_EQ(verdict->kind, MailVerdict::Kind::accepted);
  EXPECT_EQ(verdict->code, 250);
  EXPECT_EQ(rig_->taken(), (std::vector<std::string>{mail.bytes}));
}

TEST_P(MailerContract, one_mail_after_the_other_is_taken) {
  for (int i = 0; i < 5; ++i) {
    const auto verdict = send(mail_to("ann@example.org", "mail_" + std::to_string(i) + ".0@shop.example"));
    ASSERT_TRUE(verdict) << verdict.error().message;
    EXPECT_EQ(verdict->kind, MailVerdict::Kind::accepted);
  }
  EXPECT_EQ(rig_->taken().size(), 5U);
}

TEST_P(MailerContract, as_many_as_may_be_under_way_and_more_are_taken_when_they_come_at_once) {
  std::vector<OutgoingMail> mails;
  std::vector<std::string> bytes;
  ASSERT_GE(rig_->mailer().under_way_max(), 1U);
  for (std::size_t i = 0; i < rig_->mailer().under_way_max() + 3; ++i) {
    mails.push_back(mail_to("ann@example.org", "mail_" + std::to_string(i) + ".0@shop.example"));
    bytes.push_back(mails.back().bytes);
  }
  mails.push_back(mail_to("ann", "mail_odd.0@shop.example"));
  const auto verdicts = send_at_once(mails);
  for (std::size_t i = 0; i + 1 < mails.size(); ++i) EXPECT_TRUE(verdicts[i] && *verdicts[i]) << mails[i].message_id;
  EXPECT_EQ(verdicts.back()->error().code, base::ErrorCode::malformed) << "one that cannot be sent keeps no other back";
  auto taken = rig_->taken();
  std::ranges::sort(taken);
  std::ranges::sort(bytes);
  EXPECT_EQ(taken, bytes);
}

TEST_P(MailerContract, refusal_and_postponement_are_told_apart_and_leave_the_next_mail_alone) {
  if (!rig_->may_refuse()) return;  // it has no next hop
  const auto refused = send(mail_to("refuse@example.org"));
  ASSERT_TRUE(refused) << refused.error().message;
  EXPECT_EQ(refused->kind, MailVerdict::Kind::refused);
  EXPECT_EQ(refused->code, 550);
  EXPECT_NE(refused->text.find("5.1.1"), std::string::npos) << refused->text;
  const auto later = send(mail_to("later@example.org"));
  ASSERT_TRUE(later) << later.error().message;
  EXPECT_EQ(later->kind, MailVerdict::Kind::postponed);
  EXPECT_EQ(later->code, 451);
  EXPECT_TRUE(rig_->taken().empty());
  EXPECT_EQ(send(mail_to("ann@example.org"))->kind, MailVerdict::Kind::accepted);
}

TEST_P(MailerContract, a_missing_answer_to_the_data_is_an_unknown_outcome) {
  if (!rig_->may_refuse()) return;  // it has no next hop
  const auto silent = send(mail_to("silent@example.org"));
  ASSERT_FALSE(silent);
  EXPECT_EQ(silent.error().code, base::ErrorCode::timed_out);
  EXPECT_EQ(rig_->taken().size(), 1U);
  const auto next = send(mail_to("ann@example.org"));
  ASSERT_TRUE(next) << next.error().message;
  EXPECT_EQ(next->kind, MailVerdict::Kind::accepted);
}

TEST_P(MailerContract, what_no_dialogue_can_carry_is_malformed) {
  for (const std::string address :
       {"", "ann", "@example.org", "ann@", "ann@exam ple.org", "ann@example.org\r\nRCPT TO:<eve@x>",
        "<ann@example.org>", "ann@example.org>", "\xff@example.org"}) {
    const auto verdict = send(mail_to(address));
    ASSERT_FALSE(verdict) << address;
    EXPECT_EQ(verdict.error().code, base::ErrorCode::malformed) << address;
  }
  for (const std::string id : {"", "a", "../../etc/x@y", "a@../b", "a@b\r\nX: y"}) {
    const auto verdict = send(mail_to("ann@example.org", id));
    ASSERT_FALSE(verdict) << id;
    EXPECT_EQ(verdict.error().code, base::ErrorCode::malformed) << id;
  }
  EXPECT_TRUE(rig_->taken().empty());
}

TEST_P(MailerContract, what_it_keeps_of_a_mail_can_be_forgotten) {
  const auto mail = mail_to("ann@example.org");
  const auto other = mail_to("ben@example.org", "mail_2.0@shop.example");
  ASSERT_TRUE(send(mail));
  ASSERT_TRUE(send(other));
  const auto before = kept(other.message_id);
  ASSERT_TRUE(forget(mail.message_id));
  ASSERT_TRUE(forget(mail.message_id)) << "again";
  ASSERT_TRUE(forget("../../etc/x@y"));
  EXPECT_EQ(kept(mail.message_id), std::nullopt);
  EXPECT_EQ(kept(other.message_id), before);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(MailerContract);

}  // namespace ow::contracts
