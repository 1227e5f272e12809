// Events of an order. The log keeps the change only; readers get a CloudEvent (v1.0) whose `data` is the
// order's state after the change: the change laid over what was agreed at accept. No personal data. Loop
// thread.
#pragma once

#include <string>

#include "base/json.h"
#include "orders/order.h"
#include "platform/event_log.h"

namespace ow::orders {

/// When a change happened and in which trace.
struct Moment {
  base::Instant now;
  std::string traceparent;
};

/// The event of a change: `orderId`, `status` and the members of `more`.
platform::EventDraft order_event(const Order& order, std::string type, const Moment& moment,
                                 base::Json more = base::Json::object());

/// What was agreed: orderId, customer, items, total, currency, createdAt.
base::Json agreed_json(const Order& order);

/// The CloudEvent as clients see it; `order` is nothing for an event about something else, whose data is as
/// stored.
base::Json cloud_event(const platform::Event& event, const Order* order);

/// A JSON number with the currency's decimals.
base::Json money_json(base::Money amount);

}  // namespace ow::orders
