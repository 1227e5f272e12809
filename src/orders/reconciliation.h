// Compares a restored store with the payment gateway, before background work is resumed:
//  - a charge of an order that this store does not know is given back (an obligation until it is);
//  - an order under way whose charge the undone life gave back is cancelled, so that nobody gets goods for
//    nothing; its saga finds the refund under the same key;
//  - a refund of a completed order that this store does not know becomes a finding for people.
// Everything else the sagas find by themselves: a charge's key is the order's, so no repetition charges twice.
// Loop thread.
#pragma once

#include "base/task.h"
#include "orders/orders.h"
#include "orders/restoration.h"

namespace ow::orders {

struct ReconciliationPorts {
  OrderPorts orders;
  platform::Executor& executor;
  const workflow::Workflows& workflows;
};

/// Compares until the newest restore is reconciled, and once more a while later for what the gateway was still
/// at when the undone life ended. Nothing to do when this store was never restored. Spawn it before consumers
/// run. Everything it refers to outlives the executor's tasks.
base::Task<void> run_reconciliation(ReconciliationPorts ports);

/// Error conflict `reconcile_first` while the newest restore is not reconciled.
base::Task<base::Result<void>> check_reconciled(platform::Store& store);

/// GET /api/restores, GET /api/restores/{id}: for operators.
http::Routes restoration_routes(platform::Store& store);

}  // namespace ow::orders
