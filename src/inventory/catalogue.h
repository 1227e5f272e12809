// Products as an accept looks them up. Loop thread.
#pragma once

#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "inventory/products.h"

namespace ow::inventory {

/// Every look-up reads the store; what is kept here is the decoded form of a record, told from a later one by its
/// version. Bounded by bounds::kProductsDecodedMax.
class Catalogue {
 public:
  using ProductPtr = std::shared_ptr<const Product>;
  using Found = std::map<base::ProductId, ProductPtr>;

  /// The store must outlive this.
  explicit Catalogue(platform::Store& store) : store_(store) {}

  /// What is found of `ids`. Error internal when a record is no product of this build's schema.
  base::Task<base::Result<Found>> find(std::vector<base::ProductId> ids);

  std::size_t decoded() const { return decoded_.size(); }

 private:
  base::Result<ProductPtr> decode(const base::ProductId& id, const platform::Record& record);

  platform::Store& store_;
  std::unordered_map<std::string, ProductPtr> decoded_;  // by id
};

}  // namespace ow::inventory
