// What one message on the queue `mail` asks for. Pure; loop thread.
#pragma once

#include <optional>
#include <string>

#include "base/instant.h"
#include "base/json.h"
#include "notify/mail/mail_record.h"
#include "notify/mail/templates.h"
#include "platform/commit_parts.h"

namespace ow::notify {

struct Errand {
  std::string event;  // id
  std::string type;   // "order.completed", "notice"
  std::string order;
  std::string refund;
  std::string topic;
  std::string subscription;
  std::string subject;  // of a notice
  std::string message;  // of a notice
  int round = 0;
  base::Instant time;
  base::Json detail;
};

/// Error malformed when the text is no event and no notice.
base::Result<Errand> read_errand(const std::string& body);
/// Nothing when the text asks for no resend.
std::optional<MailRef> read_resend(const std::string& body);
/// What a resend of this mail asks for, in its present round.
Errand errand_of(const MailRecord& mail);

/// Empty when customers are told nothing of it: a refund that undoes an order is told with the order's end.
std::string template_of(const Errand& errand);
/// Names the recipient without saying who that is.
std::string recipient_of(const Errand& errand);

platform::OutMessage resend_message(const MailRecord& mail);
platform::OutMessage notice_message(const Errand& errand);

}  // namespace ow::notify
