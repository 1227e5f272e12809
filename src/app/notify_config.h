// The part of the configuration that concerns mail and receipts. Main thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "local/smtp_mailer.h"
#include "notify/mail/postman.h"
#include "notify/order_source.h"

namespace ow::app {

struct ConfigMember;

struct NotifyConfig {
  local::SmtpOptions smtp;  // without a URL: the local outbox
  notify::MailOptions mail;
  notify::Retailer retailer;
  std::string receipt_series = "R";
};

const std::vector<ConfigMember>& notify_members();

/// Takes a member if it is one of these. Error malformed naming the member.
base::Result<void> take_notify(const std::string& name, const std::string& value, NotifyConfig& config);

}  // namespace ow::app
