// See order_request.h.
#include "orders/order_request.h"

#include <algorithm>

#include <fmt/core.h>

#include "base/bounds.h"
#include "inventory/violations.h"

namespace ow::orders {
namespace {

using base::Json;
using inventory::Violations;
namespace bounds = base::bounds;

constexpr std::size_t kEmailCharsMax = 254;  // RFC 5321 section 4.5.3.1.3, path without its brackets
constexpr std::size_t kPaymentTokenCharsMax = 200;

std::size_t count_chars(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

// One `@` with something on both sides, no spaces: whether mail arrives is the mail's affair.
bool is_email(std::string_view text) {
  const auto at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos && text.size() <= kEmailCharsMax &&
         std::none_of(text.begin(), text.end(), [](char c) { return c >= 0 && c <= ' '; });
}

// A string member, or nothing when it is absent or null.
std::optional<std::string> text_member(const Json& object, const char* member) {
  const auto given = object.string_at(member);
  return given ? std::optional<std::string>(*given) : std::nullopt;
}

std::string number_member(const Json& object, const char* member) {
  const Json* given = object.find(member);
  return given != nullptr && given->is_number() ? given->as_number().text : std::string();
}

void check_quantity(std::int64_t quantity, std::size_t index, Violations& violations) {
  if (quantity < 1) violations.add(fmt::format("items[{}].quantity must be an integer >= 1", index));
  if (quantity > bounds::kLineQuantityMax) {
    violations.add(fmt::format("items[{}].quantity must be at most {}", index, bounds::kLineQuantityMax));
  }
}

RequestedLine parse_line(const Json& json, std::size_t index, Violations& violations) {
  RequestedLine line;
  line.product.text = text_member(json, "productId").value_or("");
  line.name = text_member(json, "name");
  line.price = number_member(json, "price");
  // An integer that does not fit is past every limit.
  line.quantity = json.integer_at("quantity").value_or(bounds::kLineQuantityMax + 1);
  check_quantity(line.quantity, index, violations);
  if (line.name && count_chars(*line.name) > bounds::kItemNameCharsMax) {
    violations.add(fmt::format("items[{}].name must have at most {} characters", index, bounds::kItemNameCharsMax));
  }
  return line;
}

std::vector<RequestedLine> parse_lines(const Json::Array& items, Violations& violations) {
  std::vector<RequestedLine> lines;
  if (items.empty() || items.size() > bounds::kOrderLinesMax) {
    violations.add(fmt::format("items must have 1 to {} lines", bounds::kOrderLinesMax));
    return lines;
  }
  lines.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) lines.push_back(parse_line(items[i], i, violations));
  return lines;
}

std::string parse_email(const Json& body, Violations& violations) {
  auto email = text_member(body, "customerEmail");
  if (email && !is_email(*email)) violations.add("customerEmail must be a mail address");
  return email.value_or("");
}

std::string parse_payment_token(const Json& body, Violations& violations) {
  auto token = text_member(body, "paymentToken");
  if (token && (token->size() > kPaymentTokenCharsMax || !is_printable(*token))) {
    violations.add(fmt::format("paymentToken must have at most {} visible ASCII characters", kPaymentTokenCharsMax));
  }
  return token.value_or("");
}

// The price as the catalogue has it, or a violation that says what it must be.
void check_price(const std::string& given, base::Money price, std::size_t index, Violations& violations) {
  const auto amount = base::parse_money(given, price.currency);
  if (!amount || *amount != price) {
    violations.add(fmt::format("items[{}].price must be {} {}", index, base::to_decimal(price), price.currency.text()));
  }
}

void check_total(const std::string& given, base::Money sum, Violations& violations) {
  const auto total = base::parse_money(given, sum.currency);
  const base::Money min{1, sum.currency};
  const base::Money max{bounds::kOrderTotalMinorMax, sum.currency};
  if (!total || *total < min || *total > max) {
    violations.add(fmt::format("total must be a decimal from {} to {} with at most {} decimals", base::to_decimal(min),
                               base::to_decimal(max), sum.currency.decimals()));
  } else if (*total != sum) {
    violations.add(fmt::format("total must be {}, the sum of the lines", base::to_decimal(sum)));
  }
}

// Limits are said in words: a body past one is well-formed, and the handler refuses it as unprocessable.
Json typed(Json type, const std::string& description) {
  return Json::object({{"type", std::move(type)}, {"description", description}});
}

Json line_schema() {
  return Json::object(
      {{"type", "object"},
       {"required", Json::array({"productId", "quantity", "price"})},
       {"properties",
        Json::object({{"productId", typed("string", "Of the catalogue")},
                      {"name", typed(Json::array({"string", "null"}),
                                     fmt::format("At most {} characters, not compared", bounds::kItemNameCharsMax))},
                      {"quantity", typed("integer", fmt::format("1 to {}", bounds::kLineQuantityMax))},
                      {"price", typed("number", "Of one unit, as the catalogue has it, in major units")}})}});
}

}  // namespace

Json order_request_schema() {
  const auto optional_text = Json::array({"string", "null"});
  auto items = typed("array", fmt::format("1 to {} lines", bounds::kOrderLinesMax));
  items.set("items", line_schema());
  return Json::object(
      {{"type", "object"},
       {"required", Json::array({"items", "total"})},
       {"properties",
        Json::object({{"items", std::move(items)},
                      {"total", typed("number", "The sum of the lines, 0.01 to 999999.99")},
                      {"customerEmail", typed(optional_text, "A mail address")},
                      {"paymentToken", typed(optional_text, "Of the payment gateway")},
                      {"userId", Json::object({{"description", "Ignored: the owner is the token's subject"}})}})}});
}

base::Result<OrderRequest> parse_order_request(const Json& body) {
  Violations violations;
  OrderRequest request;
  request.lines = parse_lines(body.find("items")->as_array(), violations);
  request.total = number_member(body, "total");
  request.customer_email = parse_email(body, violations);
  request.payment_token = parse_payment_token(body, violations);
  if (auto verdict = violations.verdict("invalid_order", "The order is not valid."); !verdict) {
    return base::fail(std::move(verdict.error()));
  }
  return request;
}

std::vector<base::ProductId> products_of(const OrderRequest& request) {
  std::vector<base::ProductId> ids;
  for (const auto& line : request.lines) {
    if (inventory::is_product_id(line.product.text)) ids.push_back(line.product);
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

base::Result<PricedOrder> price_order(const OrderRequest& request, const inventory::Catalogue::Found& products) {
  Violations violations;
  PricedOrder priced;
  priced.lines.reserve(request.lines.size());
  for (std::size_t i = 0; i < request.lines.size(); ++i) {
    const auto& line = request.lines[i];
    const auto found = products.find(line.product);
    if (found == products.end()) {
      violations.add(fmt::format("items[{}].productId names no product", i));
      continue;
    }
    const auto& product = *found->second;
    if (priced.lines.empty()) priced.total.currency = product.price.currency;
    if (product.price.currency != priced.total.currency) {
      violations.add(fmt::format("items[{}].productId is priced in another currency than items[0]", i));
      continue;
    }
    check_price(line.price, product.price, i, violations);
    priced.lines.push_back({line.product, line.name.value_or(product.name), line.quantity, product.price});
    priced.total = priced.total + product.price * line.quantity;
  }
  if (violations.empty()) check_total(request.total, priced.total, violations);
  if (auto verdict = violations.verdict("order_refused", "The order does not agree with the catalogue."); !verdict) {
    return base::fail(std::move(verdict.error()));
  }
  return priced;
}

}  // namespace ow::orders
