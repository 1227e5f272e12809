// Planted defects, as decorators of ports. Each must be found by the checker that is named for it; a checker
// that lets its defect pass is no checker. One thread.
#pragma once

#include <string>

#include "platform/executor.h"
#include "platform/mailer.h"
#include "platform/payment_gateway.h"
#include "platform/store.h"
#include "sim/run/plan.h"

namespace ow::sim {

/// dropped_ack, lost_hold, swapped_group, answer_before_sync, lost_webhook, forgotten_transition (effects without
/// the transition they belong to), lost_redrive (dead letters taken out and not sent back), receipt_gap (a number is
/// passed over), second_receipt (a number given twice), and of each step of a replay: skipped_replay (its last message is
/// left out), doubled_replay (that one is sent twice) and swapped_replay (its messages go out last first); else transparent.
class BuggyStore final : public platform::Store {
 public:
  BuggyStore(platform::Store& below, platform::Executor& executor, Bug bug)
      : below_(below), executor_(executor), bug_(bug) {}

  base::Task<base::Result<std::vector<platform::RecordPtr>>> get(std::vector<platform::Key> keys) override {
    return below_.get(std::move(keys));
  }
  base::Task<base::Result<std::vector<std::optional<platform::Counter>>>> counters(
      std::vector<platform::Key> keys) override {
    return below_.counters(std::move(keys));
  }
  base::Task<base::Result<platform::Page>> query(platform::Query query) override {
    return below_.query(std::move(query));
  }
  base::Task<base::Result<platform::CommitOutcome>> commit(platform::Commit commit) override;

 private:
  platform::Store& below_;
  platform::Executor& executor_;
  const Bug bug_;
  int commits_ = 0;
  int series_ = 0;  // commits that gave numbers to receipts
};

/// double_charge: now and then the charge is sent again under another key. unasked_gateway: what the gateway did is never
/// compared with a restored store. (numbers_again, a restore that begins no new life, is planted by the workload.)
class BuggyGateway final : public platform::PaymentGateway {
 public:
  BuggyGateway(platform::PaymentGateway& below, Bug bug) : below_(below), bug_(bug) {}

  base::Task<base::Result<platform::PaymentResult>> charge(platform::ChargeRequest request) override;
  base::Task<base::Result<platform::PaymentResult>> refund(platform::RefundRequest request) override {
    return below_.refund(std::move(request));
  }
  base::Task<base::Result<platform::PaymentResult>> void_key(std::string key, std::string traceparent) override {
    return below_.void_key(std::move(key), std::move(traceparent));
  }
  base::Task<base::Result<std::optional<platform::PaymentResult>>> look_up(std::string key,
                                                                           std::string traceparent) override {
    return below_.look_up(std::move(key), std::move(traceparent));
  }
  base::Task<base::Result<platform::EffectPage>> effects(base::Instant since, std::string cursor) override {
    if (bug_ == Bug::unasked_gateway) return base::ready<base::Result<platform::EffectPage>>(platform::EffectPage{});
    return below_.effects(since, std::move(cursor));
  }

 private:
  platform::PaymentGateway& below_;
  const Bug bug_;
};

/// lost_mail: it says that the server took a mail and hands none over; second_mail: each is sent once more, under another
/// Message-ID.
class BuggyMailer final : public platform::Mailer {
 public:
  BuggyMailer(platform::Mailer& below, Bug bug) : below_(below), bug_(bug) {}

  base::Task<base::Result<platform::MailVerdict>> send(platform::OutgoingMail mail) override;
  std::size_t under_way_max() const override { return below_.under_way_max(); }
  base::Task<base::Result<std::optional<std::string>>> kept(std::string message_id) override {
    return below_.kept(std::move(message_id));
  }
  base::Task<base::Result<void>> forget(std::string message_id) override {
    return below_.forget(std::move(message_id));
  }

 private:
  platform::Mailer& below_;
  const Bug bug_;
};

inline bool is_of_replays(Bug bug) {
  return bug == Bug::skipped_replay || bug == Bug::doubled_replay || bug == Bug::swapped_replay;
}
/// Whether the bug shows in the restore workload, and not in the other.
inline bool is_of_restore(Bug bug) { return bug == Bug::unasked_gateway || bug == Bug::numbers_again; }
const char* name_of(Bug bug);
/// The checker that must find it.
const char* checker_for(Bug bug);

}  // namespace ow::sim
