// See products.h.
#include "inventory/products.h"

#include "base/json.h"

namespace ow::inventory {
namespace {

constexpr std::string_view kProductIdAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
constexpr std::size_t kProductIdCharsMax = 64;

}  // namespace

bool is_product_id(std::string_view text) {
  return !text.empty() && text.size() <= kProductIdCharsMax &&
         text.find_first_not_of(kProductIdAlphabet) == std::string_view::npos;
}

platform::Key product_key(const base::ProductId& id) { return {"product#" + id.text, "product"}; }

platform::Record product_record(const Product& product) {
  platform::Record record;
  record.key = product_key(product.id);
  record.kind = "product";
  record.value = base::to_text(base::Json::object({{"productId", product.id.text},
                                                   {"name", product.name},
                                                   {"price", product.price.minor},
                                                   {"currency", product.price.currency.text()}}));
  record.indexes = {{std::string(kProductIndex), std::string(kAllProducts), product.id.text}};
  return record;
}

base::Result<Product> product_from(const platform::Record& record) {
  const auto defect = [&] {
    return base::fail(base::ErrorCode::internal, "product_unreadable",
                      "The product record " + record.key.partition + " cannot be read.");
  };
  auto json = base::parse_json(record.value);
  if (!json || record.schema != 1) return defect();
  const auto id = json->string_at("productId");
  const auto name = json->string_at("name");
  const auto price = json->integer_at("price");
  const auto currency = base::parse_currency(json->string_at("currency").value_or(""));
  if (!id || !name || !price || !currency) return defect();
  return Product{base::ProductId(std::string(*id)), std::string(*name), {*price, *currency}, record.version};
}

}  // namespace ow::inventory
