// A shopper's events, newest first and page by page over all of their orders. The newest kOrdersAtOnce orders make
// the first window, the orders behind them the next: within a window events come newest first, and a page reads
// one window at most, so it may be short although more follow. What happens meanwhile is not in pages further back:
// it is followed with the log's cursor. Loop thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/task.h"
#include "orders/order.h"
#include "orders/orders.h"
#include "platform/event_log.h"

namespace ow::orders {

using OrdersById = std::map<std::string, Order>;

struct OwnEvents {
  std::vector<platform::Event> events;
  OrdersById orders;         // of the events
  std::string older_cursor;  // goes on further back; empty: there is nothing more
};

/// Empty cursor: from the newest. Error malformed for a cursor that is not of this list.
base::Task<base::Result<OwnEvents>> own_events(OrderPorts ports, base::UserId shopper, std::string cursor,
                                               std::size_t limit);

}  // namespace ow::orders
