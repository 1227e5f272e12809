// The personal data of an order: one erasable record, referred to by nothing but its key. Retention: erased
// on request; orders and events never hold it. Loop thread.
#pragma once

#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "base/task.h"
#include "platform/store.h"

namespace ow::orders {

platform::Key contact_key(const base::OrderId& order);

/// Empty when `email` is.
platform::Commit put_contact(const base::OrderId& order, const std::string& email);

/// Empty when the customer gave none, or it was erased.
base::Task<base::Result<std::string>> find_email(platform::Store& store, base::OrderId order);

}  // namespace ow::orders
