// See mail_check.h.
#include "sim/run/mail_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace ow::sim {
namespace {

using Taken = SimMailServer::Taken;
using Findings = std::vector<tests::Finding>;

/// Of one recipient, in order of arrival: one Message-ID, again only after a life ended or an answer was lost.
void check_recipient(const std::string& recipient, const std::vector<const Taken*>& mails, Findings& findings) {
  for (std::size_t i = 1; i < mails.size(); ++i) {
    const auto& before = *mails[i - 1];
    const auto& again = *mails[i];
    if (again.mail.message_id != before.mail.message_id)
      findings.push_back(
          {"mail", fmt::format("{} got {} and {}", recipient, before.mail.message_id, again.mail.message_id)});
    else if (again.life == before.life && before.reply_arrived)
      findings.push_back(
          {"mail", fmt::format("{} got {} twice though its sender knew", recipient, again.mail.message_id)});
  }
}

}  // namespace

std::string address_of(const tests::Attempt& attempt) { return attempt.key + "@shopper.example"; }

void check_mail(const SimMailServer& server, const tests::Books& books, const std::deque<tests::Attempt>& attempts,
                Findings& findings) {
  std::map<std::string, std::vector<const Taken*>> taken;
  for (const auto& mail : server.taken()) taken[mail.mail.recipient].push_back(&mail);
  std::int64_t unheard = 0;
  for (const auto& attempt : attempts) {
    const auto address = address_of(attempt);
    const auto order = books.orders.find(attempt.order_id);
    const auto mails = taken.find(address);
    const bool refused = std::ranges::find(server.refused(), address) != server.refused().end();
    if (order == books.orders.end() || books.owed.contains(attempt.order_id)) {
      taken.erase(address);
      continue;
    }
    if (mails == taken.end()) {
      if (!refused) ++unheard;
      continue;
    }
    check_recipient(address, mails->second, findings);
    const auto words = order->second.status == "completed" ? "is confirmed"
                       : order->second.status == "failed"  ? "could not be completed"
                                                           : "is cancelled";
    if (mails->second.front()->mail.bytes.find(words) == std::string::npos)
      findings.push_back(
          {"mail", fmt::format("{} was not told that {} is {}", address, attempt.order_id, order->second.status)});
    taken.erase(mails);
  }
  for (const auto& [stranger, mails] : taken) findings.push_back({"mail", stranger + " got mail that is not his"});
  const auto dead = books.queued.find(std::string(tests::kMailDeadLetters));
  const auto letters = dead == books.queued.end() ? 0 : dead->second;
  if (unheard > letters)
    findings.push_back(
        {"mail", fmt::format("{} customers heard nothing, but only {} dead letters stand", unheard, letters)});
}

}  // namespace ow::sim
