// The checker "mail": every customer hears of the end of an order exactly once, or a refusal or a dead letter
// stands; a mail repeats only where its sender could not know. One thread.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "harness/audit.h"
#include "sim/world/sim_mail.h"

namespace ow::sim {

/// Where the customer of an attempt gets mail.
std::string address_of(const tests::Attempt& attempt);

void check_mail(const SimMailServer& server, const tests::Books& books, const std::deque<tests::Attempt>& attempts,
                std::vector<tests::Finding>& findings);

}  // namespace ow::sim
