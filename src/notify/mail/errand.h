// What one message on the queue `mail` asks for. Pure; loop thread.
#pragma once

#include <string>
#include <variant>

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
  base::Json detail;  // of a bounce
};

/// What a message's body asks for: a mail of an event or notice, or of one that was sent before once more. Error
/// malformed when it is none.
base::Result<std::variant<Errand, MailRef>> read_mail_message(const std::string& body);
/// What a resend of this mail asks for, in its present round.
Errand errand_of(const MailRecord& mail);

/// Empty when customers are told nothing of it: a refund that undoes an order is told with the order's end.
std::string template_of(const Errand& errand);
/// Names the recipient without saying who that is.
std::string recipient_of(const Errand& errand);

platform::OutMessage resend_message(const MailRecord& mail);
platform::OutMessage notice_message(const Errand& errand);

}  // namespace ow::notify
