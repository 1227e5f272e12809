// What notifying needs to know of an order, and where it comes from: the feature of orders lies beside this room,
// so the composition joins the two. Loop thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/instant.h"
#include "base/money.h"
#include "base/result.h"
#include "base/task.h"

namespace ow::notify {

struct OrderLineFacts {
  std::string product;
  std::string name;
  std::int64_t quantity = 0;
  base::Money price;  // of one unit
};

struct RefundFacts {
  std::string id;
  base::Money amount;
  std::vector<std::pair<std::string, std::int64_t>> lines;  // product and units; empty: money only
};

struct OrderFacts {
  base::OrderId id;
  base::UserId customer;
  std::vector<OrderLineFacts> lines;  // as agreed at accept, for ever
  base::Money total;
  base::Instant created;
  bool completed = false;
  std::string reason;  // failed: slug
  std::vector<RefundFacts> refunds;
};

class OrderSource {
 public:
  virtual ~OrderSource() = default;
  virtual base::Task<base::Result<std::optional<OrderFacts>>> find(base::OrderId order) = 0;
  /// The customer's mail address; empty when none was given or it was erased.
  virtual base::Task<base::Result<std::string>> email(base::OrderId order) = 0;
};

/// Who sells, as mails and receipts say it.
struct Retailer {
  std::string name = "Orderwright";
  std::vector<std::string> address = {};
  /// Tax contained in all prices, in hundredths of a percent (2100: 21 %); 0: none is named.
  int tax_rate = 0;
  std::string tax_name = "VAT";
};

}  // namespace ow::notify
