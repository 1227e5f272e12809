// The operators' routes for mail: mails and resends, suppressed addresses, templates. Loop thread.
#pragma once

#include "http/router.h"
#include "notify/mail/postman.h"
#include "platform/random.h"

namespace ow::notify {

struct MailDesk {
  platform::Store& store;
  const platform::Clock& clock;
  platform::Mailer& mailer;
  OrderSource& orders;
  Retailer retailer;
  std::string domain;  // of Message-IDs
};

/// The desk is copied into the handlers.
http::Routes mail_routes(const MailDesk& desk);
http::Routes template_routes(const MailDesk& desk);

}  // namespace ow::notify
