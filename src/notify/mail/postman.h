// The consumer of the queue `mail`: one mail for each event and recipient, however often the queue delivers it.
//
// A mail is sent inside the handler, before its commit. What the server took is remembered until the commit is
// known, so a commit that has to be made again does not send again: a mail repeats only when the process dies
// between the server's 250 and the commit, or when the server's answer never came; then under the same Message-ID.
// A 5xx ends the mail with its reason; a 4xx or a server that is away gives the message back, and after
// bounds::kMailReceivesMax receives it is a dead letter. As many mails are under way as the mailer takes at once, and
// what ends at the same time is recorded together. Loop thread.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>

#include "notify/mail/errand.h"
#include "notify/mail/mail_record.h"
#include "notify/mail/templates.h"
#include "notify/order_source.h"
#include "platform/consumer.h"
#include "platform/mailer.h"

namespace ow::notify {

struct MailPorts {
  platform::Store& store;
  platform::Executor& executor;
  const platform::Clock& clock;
  platform::Mailer& mailer;
  OrderSource& orders;
  platform::Telemetry& telemetry;
};

struct MailOptions {
  std::string from_name = "Orderwright";
  std::string from_address = "orders@localhost";
  /// The right side of Message-IDs; empty: what stands behind the '@' of from_address.
  std::string domain = {};
};

/// The parts of MailOptions that cannot go into a header, by name; empty when all can.
std::string problem_of(const MailOptions& options);

class Postman {
 public:
  Postman(MailPorts ports, MailOptions options, Retailer retailer);

  const std::string& domain() const { return options_.domain; }
  platform::ConsumerSpec consumer();
  /// Decides what a message does and does it; the consumer commits.
  base::Task<base::Result<platform::Commit>> deliver(platform::Delivery delivery);

 private:
  class Turn;

  /// False when the program stops first.
  base::Task<bool> wait_for_twin(std::string id);
  base::Task<base::Result<platform::Commit>> carry(Errand errand, int receives);
  base::Task<base::Result<std::string>> address_of(Errand errand);
  base::Task<base::Result<MailTemplate::Rendered>> write(Errand errand, std::string template_name);
  base::Task<base::Result<platform::Commit>> send(Errand errand, MailRecord mail, std::string address, int receives);
  base::Task<base::Result<platform::MailVerdict>> hand_over(Errand errand, MailRecord mail, std::string address);
  platform::Commit ended(MailRecord mail, const platform::MailVerdict& verdict, const std::string& address);
  base::Task<base::Error> put_off(MailRecord mail, base::Error why, int receives);
  base::Task<base::Result<platform::Commit>> take_bounce(Errand errand);
  void remember(const std::string& message, const platform::MailVerdict& verdict);

  MailPorts ports_;
  MailOptions options_;
  Retailer retailer_;
  TemplateShelf templates_;
  std::set<std::string> under_way_;
  std::map<std::string, platform::MailVerdict> accepted_;  // by Message-ID
  std::deque<std::string> accepted_order_;
};

}  // namespace ow::notify
