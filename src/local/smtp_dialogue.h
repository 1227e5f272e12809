// One SMTP connection through libcurl, kept open between mails. Blocking: one thread at a time, never the loop.
#pragma once

#include <memory>

#include "local/smtp_mailer.h"

namespace ow::local {

class SmtpDialogue {
 public:
  explicit SmtpDialogue(const SmtpOptions& options);
  ~SmtpDialogue();

  /// As Mailer::send.
  base::Result<platform::MailVerdict> send(const platform::OutgoingMail& mail);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ow::local
