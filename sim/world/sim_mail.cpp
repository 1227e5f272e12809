// See sim_mail.h.
#include "sim/world/sim_mail.h"

namespace ow::sim {

using base::ErrorCode;
using platform::MailVerdict;

namespace {

constexpr base::Duration kTimeout = std::chrono::seconds(45);

}  // namespace

MailFault SimMailServer::fate(const platform::OutgoingMail& mail) {
  if (fate_) return fate_(mail);
  auto drawn = random_.below(1000);
  const auto meets = [&drawn](std::uint32_t chance) {
    if (drawn < chance) return true;
    drawn -= chance;
    return false;
  };
  if (meets(weather_.refused)) return MailFault::refused;
  if (meets(weather_.postponed)) return MailFault::postponed;
  if (meets(weather_.unreachable)) return MailFault::unreachable;
  if (meets(weather_.hanging)) return MailFault::hanging;
  if (meets(weather_.reply_lost)) return MailFault::reply_lost;
  return MailFault::none;
}

base::Task<void> SimMailer::pass(base::Duration span) {
  static_cast<void>(co_await executor_.sleep_until(server_.clock_.ticks() + span));
}

base::Task<base::Result<MailVerdict>> SimMailer::send(platform::OutgoingMail mail) {
  if (!platform::is_message_id(mail.message_id) || !platform::is_mail_address(mail.recipient) ||
      !platform::is_mail_address(mail.envelope_from))
    co_return base::fail(ErrorCode::malformed, "bad_recipient", "No dialogue can carry this mail.");
  const auto fault = server_.fate(mail);
  co_await pass(
      base::Duration(server_.random_.below(static_cast<std::uint64_t>(server_.weather_.delay_max.count()) + 1)));
  if (fault == MailFault::unreachable)
    co_return base::fail(ErrorCode::unavailable, "mail_server_unreachable", "No connection.");
  if (fault == MailFault::postponed) co_return MailVerdict{MailVerdict::Kind::postponed, 451, "4.7.1 greylisted"};
  if (fault == MailFault::refused) {
    server_.refused_.push_back(mail.recipient);
    co_return MailVerdict{MailVerdict::Kind::refused, 550, "5.1.1 no such mailbox"};
  }
  if (fault == MailFault::hanging) {
    co_await pass(kTimeout);
    co_return base::fail(ErrorCode::unavailable, "mail_server_unreachable", "No answer to RCPT.");
  }
  server_.history_.note("mail taken " + mail.message_id);
  server_.taken_.push_back({std::move(mail), life_, fault == MailFault::none});
  server_.on_taken();
  if (fault == MailFault::reply_lost) {
    co_await pass(kTimeout);
    co_return base::fail(ErrorCode::timed_out, "mail_outcome_unknown", "No answer to the data.");
  }
  co_return MailVerdict{MailVerdict::Kind::accepted, 250, "2.0.0 taken"};
}

base::Task<base::Result<std::optional<std::string>>> SimMailer::kept(std::string message_id) {
  if (server_.forgotten_.contains(message_id)) co_return std::optional<std::string>();
  for (const auto& taken : server_.taken_) {
    if (taken.mail.message_id == message_id) co_return std::optional(taken.mail.bytes);
  }
  co_return std::optional<std::string>();
}

base::Task<base::Result<void>> SimMailer::forget(std::string message_id) {
  server_.forgotten_.insert(std::move(message_id));
  co_return base::Result<void>();
}

}  // namespace ow::sim
