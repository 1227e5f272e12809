// What notifying keeps of a person: the mails and receipts of their orders, and addresses that are suppressed. Listed for
// the person's export, and erased as far as the law allows: a receipt is an accounting document and stays, with number,
// amounts and the customer's id. Loop thread.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/json.h"
#include "base/result.h"
#include "base/task.h"
#include "platform/mailer.h"
#include "platform/store.h"

namespace ow::notify {

struct TracePorts {
  platform::Store& store;
  platform::Mailer& mailer;
  std::string domain;  // of Message-IDs
};

/// An array: each mail of the order, with its source where the mailer keeps it.
base::Task<base::Result<base::Json>> mails_of(TracePorts ports, base::OrderId order);
/// An array: the order's receipt and credit notes.
base::Task<base::Result<base::Json>> receipts_of(platform::Store& store, base::OrderId order);
/// An array: those of the addresses that are suppressed.
base::Task<base::Result<base::Json>> suppressions_of(platform::Store& store, std::vector<std::string> addresses);

/// The records of the order's mails and what the mailer keeps of them. Idempotent; after the order's contact is erased,
/// so that none comes up anew.
base::Task<base::Result<void>> erase_mails(TracePorts ports, base::OrderId order);
/// Idempotent.
base::Task<base::Result<void>> erase_suppressions(platform::Store& store, std::vector<std::string> addresses);

}  // namespace ow::notify
