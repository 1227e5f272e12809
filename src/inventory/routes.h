// GET and POST /api/products, GET and PATCH /api/products/{id}. Loop thread.
#pragma once

#include "http/router.h"
#include "inventory/products.h"
#include "platform/clock.h"
#include "platform/store.h"

namespace ow::inventory {

struct InventoryPorts {
  platform::Store& store;
  const platform::Clock& clock;
};

http::Routes routes(InventoryPorts ports);

/// Parts that put a new product with its first stock, and the event; a conflict when the id is taken.
platform::Commit new_product(const Product& product, std::int64_t stock, const std::string& by, base::Instant now,
                             std::string traceparent);

}  // namespace ow::inventory
