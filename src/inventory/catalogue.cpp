// See catalogue.h.
#include "inventory/catalogue.h"

#include "base/bounds.h"

namespace ow::inventory {

base::Task<base::Result<Catalogue::Found>> Catalogue::find(std::vector<base::ProductId> ids) {
  std::vector<platform::Key> keys;
  keys.reserve(ids.size());
  for (const auto& id : ids) keys.push_back(product_key(id));
  const auto records = co_await store_.get(std::move(keys));
  if (!records) co_return base::fail(records.error());
  Found found;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto& record = (*records)[i];
    if (!record) continue;
    auto product = decode(ids[i], *record);
    if (!product) co_return base::fail(std::move(product.error()));
    found.emplace(std::move(ids[i]), std::move(*product));
  }
  co_return found;
}

base::Result<Catalogue::ProductPtr> Catalogue::decode(const base::ProductId& id, const platform::Record& record) {
  const auto kept = decoded_.find(id.text);
  if (kept != decoded_.end() && kept->second->version == record.version) return kept->second;
  auto product = product_from(record);
  if (!product) return base::fail(std::move(product.error()));
  // Beginning anew is cheap: one decoding for each product that still sells.
  if (decoded_.size() >= base::bounds::kProductsDecodedMax) decoded_.clear();
  auto fresh = std::make_shared<const Product>(std::move(*product));
  decoded_.insert_or_assign(id.text, fresh);
  return fresh;
}

}  // namespace ow::inventory
