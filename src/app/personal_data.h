// Everything that the rooms keep of a person beside account and person record, joined for export and erasure. Loop thread.
#pragma once

#include <vector>

#include "identity/persons.h"
#include "notify/office.h"
#include "platform/store.h"

namespace ow::app {

/// Orders with their contacts; mails, receipts and suppressed addresses. Both outlive it; neither is used before it is
/// asked for something.
std::vector<identity::PersonalData> personal_data(platform::Store& store, notify::Office& office);

}  // namespace ow::app
