// Products as the catalogue knows them, and their records. Loop thread.
#pragma once

#include <string>
#include <vector>

#include "base/ids.h"
#include "base/money.h"
#include "base/result.h"
#include "base/task.h"
#include "platform/store.h"

namespace ow::inventory {

struct Product {
  base::ProductId id;
  std::string name;
  base::Money price;
  /// Of the record it was read from; 0 when it is not stored yet.
  platform::Version version = 0;
};

/// 1 to 64 of letters, digits, '.', '_' and '-'.
bool is_product_id(std::string_view text);

platform::Key product_key(const base::ProductId& id);

/// The index of all products, one partition, sorted by product id.
inline constexpr std::string_view kProductIndex = "products";
inline constexpr std::string_view kAllProducts = "all";

platform::Record product_record(const Product& product);
/// Error internal when the record is no product of this build's schema.
base::Result<Product> product_from(const platform::Record& record);

}  // namespace ow::inventory
