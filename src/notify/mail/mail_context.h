// What a template may ask for: the facts of an order, a refund, a notice, as texts. Pure; loop thread.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "notify/order_source.h"

namespace ow::notify {

/// {orderId, orderDate, items: [{name, quantity, price, amount}], total, currency, reason, reasonCode, refundAmount,
/// retailer: {name, address: []}}; `refund` may be nullptr.
base::Json order_context(const OrderFacts& order, const RefundFacts* refund, const Retailer& retailer);

/// {topic, subject, message, retailer}.
base::Json notice_context(std::string_view topic, std::string_view subject, std::string_view message,
                          const Retailer& retailer);

}  // namespace ow::notify
