// Mail, receipts and topics put together: their queues, consumers and routes. Loop thread.
#pragma once

#include <memory>

#include "http/router.h"
#include "notify/fan_out.h"
#include "notify/mail/mail_desk.h"
#include "notify/mail/postman.h"
#include "notify/receipts/receipt_clerk.h"
#include "notify/receipts/receipt_desk.h"
#include "notify/topics/topic_clerk.h"
#include "notify/topics/topic_desk.h"
#include "notify/traces.h"
#include "platform/secrets.h"

namespace ow::notify {

struct OfficePorts {
  platform::ConsumerPorts consumer;
  platform::QueueAdmin& queue_admin;
  platform::IdSource& ids;
  platform::Secrets& secrets;
  platform::Mailer& mailer;
  platform::Blobs& blobs;
  platform::Typesetter& typesetter;
  OrderSource& orders;
  FanOut& fan_out;
};

struct OfficeOptions {
  MailOptions mail;
  Retailer retailer;
  std::string receipt_series = "R";
  std::string public_url;
  /// True while something more urgent than receipts runs.
  std::function<bool()> busy = [] { return false; };
};

class Office {
 public:
  Office(OfficePorts ports, OfficeOptions options);

  http::Routes routes();
  /// For what is kept of a person.
  TracePorts traces();
  /// Declares its queues and makes its key and topic; from then on it hears of events.
  base::Task<base::Result<void>> start();
  /// Starts the consumers; once. `admits` as in platform::ConsumerSpec.
  void work(std::function<base::Task<std::size_t>(std::size_t wanted)> admits = {});

 private:
  OfficePorts ports_;
  OfficeOptions options_;
  ReceiptLinks links_;
  Postman postman_;
  ReceiptClerk receipts_;
  TopicClerk topics_;
};

}  // namespace ow::notify
