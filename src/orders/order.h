// An order: what was agreed when it was accepted and never changes, and the state that the saga moves. One
// record an order; personal data is apart (contact.h). Loop thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/instant.h"
#include "base/money.h"
#include "base/result.h"
#include "base/task.h"
#include "inventory/stock.h"
#include "platform/store.h"

namespace ow::orders {

enum class Status : std::uint8_t { pending, processing, completed, failed, cancelled };

/// What is known about the order's only charge.
enum class Payment : std::uint8_t {
  none,  // not asked for yet
  charged,
  declined,
  voided,  // forbidden before it happened
  undone,  // charged, then given back in whole by the saga
  owed,    // an obligation says what
};

struct OrderLine {
  base::ProductId product;
  std::string name;
  std::int64_t quantity = 0;
  base::Money price;  // of one unit
};

struct CancelRequest {
  base::UserId by;
  base::Instant at;
};

/// Money given back for a completed order.
struct Refund {
  enum class State : std::uint8_t {
    pending,
    refunded,
    owed,    // an obligation says why
    waived,  // an operator gave the obligation up: nothing is owed any more
  };
  std::string id;
  State state = State::pending;
  base::Money amount;
  std::vector<inventory::StockLine> lines;  // one a product
  bool restock = false;
  base::UserId by;
  std::string reason = {};  // the operator's words
};

struct Order {
  base::OrderId id;
  base::UserId customer;
  std::vector<OrderLine> lines;
  base::Money total;
  base::Instant created;

  base::Instant updated;
  Status status = Status::pending;
  std::string reason = {};         // failed: slug
  std::string payment_token = {};  // forgotten as soon as the charge is decided
  Payment payment = Payment::none;
  std::optional<CancelRequest> cancel = std::nullopt;
  std::vector<Refund> refunds = {};
  platform::Version version = 0;
};

std::string_view status_text(Status status);
std::optional<Status> parse_status(std::string_view text);
std::string_view refund_text(Refund::State state);
bool is_final(Status status);
/// The statuses that may follow.
std::vector<Status> next_statuses(Status status);

/// One line a product, quantities added.
std::vector<inventory::StockLine> stock_lines(const Order& order);
/// Money and units of refunds that are not waived.
base::Money refunded_total(const Order& order);
std::int64_t refunded_units(const Order& order, const base::ProductId& product);

platform::Key order_key(const base::OrderId& order);

/// Orders of one customer and of all customers, sorted by order id, which is by time.
inline constexpr std::string_view kCustomerIndex = "customer-orders";
inline constexpr std::string_view kAllIndex = "all-orders";
inline constexpr std::string_view kAllOrders = "all";

platform::Record order_record(const Order& order);
/// Error internal when it is no order of this build's schema.
base::Result<Order> order_from(const platform::Record& record);
base::Task<base::Result<std::optional<Order>>> find_order(platform::Store& store, base::OrderId id);

/// Parts that put the order with `updated` = now, conditioned on the version it was read at.
platform::Commit put_order(Order order, base::Instant now);

}  // namespace ow::orders
