// See routes.h.
#include "inventory/routes.h"

#include <fmt/core.h>

#include "base/bounds.h"
#include "http/listing.h"
#include "http/schema_text.h"
#include "inventory/stock.h"
#include "inventory/violations.h"
#include "ops/operator_action.h"

namespace ow::inventory {
namespace {

using base::ErrorCode;
using base::Json;
using http::Reply;
using http::RequestContext;
using http::text_schema;

constexpr std::size_t kNameBytesMax = 4 * base::bounds::kItemNameCharsMax;  // UTF-8
constexpr std::int64_t kStockDeltaMax = 1'000'000'000;
constexpr auto kSource = "orderwright/inventory";

Json product_json(const Product& product, const StockLevel& level, bool with_ledger) {
  auto json = Json::object({{"productId", product.id.text},
                            {"name", product.name},
                            {"price", base::JsonNumber{base::to_decimal(product.price)}},
                            {"currency", product.price.currency.text()},
                            {"available", level.available}});
  if (with_ledger) json.set("held", level.held).set("sold", level.sold);
  return json;
}

base::Error not_found(const std::string& id) {
  return {ErrorCode::not_found, "product_not_found", fmt::format("There is no product {}.", id)};
}

platform::EventDraft product_event(const Product& product, std::string type, std::int64_t stock_delta,
                                   const std::string& by, base::Instant now, std::string traceparent) {
  auto data = Json::object({{"productId", product.id.text},
                            {"price", base::JsonNumber{base::to_decimal(product.price)}},
                            {"currency", product.price.currency.text()},
                            {"stockDelta", stock_delta},
                            {"by", by}});
  return {product.id.text, std::move(type), kSource, base::to_text(data), now, std::move(traceparent)};
}

platform::EventDraft acted(const RequestContext& context, base::Instant now, const Product& product, std::string type,
                           std::string why) {
  return ops::operator_event(ops::operator_of(context), now, {std::move(type), product.id.text, std::move(why)});
}

// The members of a product as a request gives them; the body fits the route's schema.
struct ProductRequest {
  const Json& body;
  Violations violations = {};

  std::string name() {
    const std::string name(body.string_at("name").value_or(""));
    if (name.empty() || name.size() > kNameBytesMax) {
      violations.add(fmt::format("name must have 1 to {} bytes", kNameBytesMax));
    }
    return name;
  }

  base::ProductId id() {
    const std::string id(body.string_at("productId").value_or(""));
    if (!is_product_id(id)) violations.add("productId must be 1 to 64 of letters, digits, '.', '_' and '-'");
    return base::ProductId(id);
  }

  base::Currency currency() {
    if (body.find("currency") == nullptr) return {};
    const auto currency = base::parse_currency(body.string_at("currency").value_or(""));
    if (!currency) violations.add("currency must be an ISO 4217 code");
    return currency.value_or(base::Currency{});
  }

  base::Money price(base::Currency currency) {
    const auto price = base::parse_money(body.find("price")->as_number().text, currency);
    if (!price || price->minor < 0 || price->minor > base::bounds::kOrderTotalMinorMax) {
      violations.add(fmt::format("price must be a decimal >= 0 with at most {} decimals, up to {}", currency.decimals(),
                                 base::to_decimal({base::bounds::kOrderTotalMinorMax, currency})));
      return {0, currency};
    }
    return *price;
  }

  std::int64_t stock_delta(std::int64_t min) {
    if (body.find("stockDelta") == nullptr) return 0;
    const auto delta = body.integer_at("stockDelta");
    if (!delta || *delta < min || *delta > kStockDeltaMax) {
      violations.add(fmt::format("stockDelta must be from {} to {}", min, kStockDeltaMax));
    }
    return delta.value_or(0);
  }

  std::string reason() {
    auto reason = ops::optional_reason(body);
    if (!reason) violations.add(reason.error().violations.front());
    return std::move(reason).value_or("");
  }

  base::Result<void> verdict() const { return violations.verdict("invalid_product", "The product is not valid."); }
};

base::Task<base::Result<Reply>> list_products(InventoryPorts ports, const RequestContext& context) {
  const auto limit = http::page_limit(context, base::bounds::kListItemsMax);
  if (!limit) co_return base::fail(limit.error());
  platform::Query query{std::string(kProductIndex), std::string(kAllProducts)};
  query.limit = *limit;
  query.cursor = http::query_text(context, "cursor");
  const auto page = co_await ports.store.query(std::move(query));
  if (!page) co_return base::fail(page.error());
  std::vector<Product> products;
  std::vector<base::ProductId> ids;
  for (const auto& record : page->records) {
    auto product = product_from(record);
    if (!product) co_return base::fail(product.error());
    ids.push_back(product->id);
    products.push_back(std::move(*product));
  }
  const auto levels = co_await find_levels(ports.store, std::move(ids));
  if (!levels) co_return base::fail(levels.error());
  Json::Array items;
  for (std::size_t i = 0; i < products.size(); ++i) {
    items.push_back(product_json(products[i], (*levels)[i], http::is_operator(context)));
  }
  co_return Reply{http::Response::json(200, http::page_json(std::move(items), page->next_cursor))};
}

base::Task<base::Result<Product>> find_product(platform::Store& store, std::string id) {
  if (!is_product_id(id)) co_return base::fail(not_found(id));
  const auto record = co_await platform::get_one(store, product_key(base::ProductId(id)));
  if (!record) co_return base::fail(record.error());
  if (!*record) co_return base::fail(not_found(id));
  co_return product_from(**record);
}

base::Task<base::Result<StockLevel>> find_level(platform::Store& store, base::ProductId id) {
  std::vector<base::ProductId> ids{std::move(id)};
  const auto levels = co_await find_levels(store, std::move(ids));
  if (!levels) co_return base::fail(levels.error());
  co_return levels->front();
}

base::Task<base::Result<Reply>> show_product(InventoryPorts ports, const RequestContext& context) {
  const auto product = co_await find_product(ports.store, context.params.at("id"));
  if (!product) co_return base::fail(product.error());
  const auto level = co_await find_level(ports.store, product->id);
  if (!level) co_return base::fail(level.error());
  co_return Reply{http::Response::json(200, product_json(*product, *level, http::is_operator(context)))};
}

base::Task<base::Result<Reply>> add_product(InventoryPorts ports, const RequestContext& context) {
  ProductRequest request{context.body};
  Product product{request.id(), request.name(), {}};
  product.price = request.price(request.currency());
  const auto stock = request.stock_delta(0);
  const auto why = request.reason();
  if (const auto valid = request.verdict(); !valid) co_return base::fail(valid.error());
  const auto taken = co_await platform::get_one(ports.store, product_key(product.id));
  if (!taken) co_return base::fail(taken.error());
  if (*taken) {
    co_return base::fail(ErrorCode::conflict, "product_exists",
                         fmt::format("There is a product {} already.", product.id.text));
  }
  Reply reply{http::Response::json(201, product_json(product, {stock, 0, 0}, true))};
  const auto now = ports.clock.now();
  reply.commit.event(acted(context, now, product, "operator.product-added", why));
  reply.commit.merge(new_product(product, stock, context.principal->user.text, now, context.trace.traceparent()));
  co_return reply;
}

base::Task<base::Result<Reply>> change_product(InventoryPorts ports, const RequestContext& context) {
  auto product = co_await find_product(ports.store, context.params.at("id"));
  if (!product) co_return base::fail(product.error());
  ProductRequest request{context.body};
  if (context.body.find("price") != nullptr) product->price = request.price(product->price.currency);
  if (context.body.find("name") != nullptr) product->name = request.name();
  const auto delta = request.stock_delta(-kStockDeltaMax);
  const auto why = request.reason();
  if (const auto valid = request.verdict(); !valid) co_return base::fail(valid.error());
  auto level = co_await find_level(ports.store, product->id);
  if (!level) co_return base::fail(level.error());
  if (level->available + delta < 0) {
    co_return base::fail(ErrorCode::conflict, "not_enough_stock",
                         fmt::format("Only {} of {} are available.", level->available, product->id.text));
  }
  level->available += delta;
  Reply reply{http::Response::json(200, product_json(*product, *level, true))};
  reply.commit = supply(product->id, delta);
  reply.commit.put(product_record(*product), platform::Expect::at(product->version));
  const auto now = ports.clock.now();
  reply.commit.event(acted(context, now, *product, "operator.product-changed", why));
  reply.commit.event(product_event(*product, "product.changed", delta, context.principal->user.text, now,
                                   context.trace.traceparent()));
  co_return reply;
}

Json number_schema() { return Json::object({{"type", "number"}}); }
Json integer_schema() { return Json::object({{"type", "integer"}}); }

Json product_schema() {
  return Json::object({{"type", "object"},
                       {"properties", Json::object({{"productId", text_schema()},
                                                    {"name", text_schema()},
                                                    {"price", number_schema()},
                                                    {"currency", text_schema()},
                                                    {"available", integer_schema()},
                                                    {"held", integer_schema()},
                                                    {"sold", integer_schema()}})}});
}

Json product_list_schema() {
  return Json::object(
      {{"type", "object"},
       {"properties", Json::object({{"items", Json::object({{"type", "array"}, {"items", product_schema()}})},
                                    {"nextCursor", Json::object({{"type", Json::array({"string", "null"})}})}})}});
}

Json new_product_schema() {
  return Json::object({{"type", "object"},
                       {"required", Json::array({"productId", "name", "price"})},
                       {"additionalProperties", false},
                       {"properties", Json::object({{"productId", text_schema()},
                                                    {"name", text_schema()},
                                                    {"price", number_schema()},
                                                    {"currency", text_schema()},
                                                    {"stockDelta", integer_schema()},
                                                    {"reason", ops::reason_schema()}})}});
}

Json product_change_schema() {
  return Json::object({{"type", "object"},
                       {"additionalProperties", false},
                       {"properties", Json::object({{"name", text_schema()},
                                                    {"price", number_schema()},
                                                    {"stockDelta", integer_schema()},
                                                    {"reason", ops::reason_schema()}})}});
}

}  // namespace

platform::Commit new_product(const Product& product, std::int64_t stock, const std::string& by, base::Instant now,
                             std::string traceparent) {
  auto commit = supply(product.id, stock);
  commit.put(product_record(product), platform::Expect::absent());
  commit.event(product_event(product, "product.created", stock, by, now, std::move(traceparent)));
  return commit;
}

http::Routes routes(InventoryPorts ports) {
  const http::Parameter limit{"limit", "Products a page, at most 50", integer_schema()};
  const http::Parameter cursor{"cursor", "nextCursor of the page before", text_schema()};
  http::Routes all;
  all.push_back({"GET",
                 "/api/products",
                 http::Access::open,
                 "The catalogue with what is available",
                 [ports](const RequestContext& context) { return list_products(ports, context); },
                 {limit, cursor},
                 {},
                 {{200, product_list_schema()}},
                 "products:read"});
  all.push_back({"GET",
                 "/api/products/{id}",
                 http::Access::open,
                 "One product",
                 [ports](const RequestContext& context) { return show_product(ports, context); },
                 {},
                 {},
                 {{200, product_schema()}},
                 "products:read"});
  all.push_back({"POST",
                 "/api/products",
                 http::Access::operators,
                 "Adds a product with its first stock",
                 [ports](const RequestContext& context) { return add_product(ports, context); },
                 {},
                 new_product_schema(),
                 {{201, product_schema()}},
                 "products:write"});
  all.push_back({"PATCH",
                 "/api/products/{id}",
                 http::Access::operators,
                 "Changes name, price or stock of a product",
                 [ports](const RequestContext& context) { return change_product(ports, context); },
                 {},
                 product_change_schema(),
                 {{200, product_schema()}},
                 "products:write"});
  return all;
}

}  // namespace ow::inventory
