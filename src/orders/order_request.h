// The body of POST /api/orders: read, bounded and priced. Pure. Loop thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "inventory/catalogue.h"
#include "orders/order.h"

namespace ow::orders {

struct RequestedLine {
  base::ProductId product;
  std::optional<std::string> name;
  std::int64_t quantity = 0;
  std::string price;  // decimal text
};

struct OrderRequest {
  std::vector<RequestedLine> lines;
  std::string total;  // decimal text
  std::string customer_email;
  std::string payment_token;
};

/// JSON Schema (2020-12) of the body: members and types; the edge refuses what does not fit as malformed.
base::Json order_request_schema();

/// `body` fits the schema. Error unprocessable naming each member that is past a limit.
base::Result<OrderRequest> parse_order_request(const base::Json& body);

/// The ids named that can be products, each once.
std::vector<base::ProductId> products_of(const OrderRequest& request);

/// The lines and the total with the catalogue's prices. Error unprocessable naming each line that names no
/// product or another price, and a total that is not the sum; to the cent.
struct PricedOrder {
  std::vector<OrderLine> lines;
  base::Money total;
};
base::Result<PricedOrder> price_order(const OrderRequest& request, const inventory::Catalogue::Found& products);

}  // namespace ow::orders
