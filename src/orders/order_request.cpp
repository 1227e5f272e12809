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
  return static_cast<std::size_t>(std::count_if(
      utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
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
std::optional<std::string> text_member(const Json& object, const char* member, const std::string& name,
                                       Violations& violations) {
  const Json* given = object.find(member);
  if (given == nullptr || given->is_null()) return std::nullopt;
  if (given->is_string()) return given->as_string();
  violations.malformed(name + " must be a string");
  return std::nullopt;
}

std::string price_member(const Json& object, const char* member, const std::string& name,
                         Violations& violations) {
  const Json* given = object.find(member);
  if (given != nullptr && given->is_number()) return given->as_number().text;
  violations.malformed(name + " must be a number");
  return {};
}

std::int64_t quantity_member(const Json& line, const std::string& name, Violations& violations) {
  const Json* given = line.find("quantity");
  const auto quantity = given != nullptr && given->is_number() ? given->as_number().integer() : std::nullopt;
  if (!quantity) {
    violations.malformed(name + " must be an integer >= 1");
    return 0;
  }
  if (*quantity < 1) violations.refused(name + " must be an integer >= 1");
  if (*quantity > bounds::kLineQuantityMax) {
    violations.refused(fmt::format("{} must be at most {}", name, bounds::kLineQuantityMax));
  }
  return *quantity;
}

RequestedLine parse_line(const Json& json, std::size_t index, Violations& violations) {
  const auto at = fmt::format("items[{}]", index);
  RequestedLine line;
  if (!json.is_object()) {
    violations.malformed(at + " must be an object");
    return line;
  }
  const auto product = text_member(json, "productId", at + ".productId", violations);
  if (!product && json.find("productId") == nullptr) violations.malformed(at + ".productId must be a string");
  line.product.text = product.value_or("");
  line.name = text_member(json, "name", at + ".name", violations);
  if (line.name && count_chars(*line.name) > bounds::kItemNameCharsMax) {
    violations.refused(fmt::format("{}.name must have at most {} characters", at, bounds::kItemNameCharsMax));
  }
  line.quantity = quantity_member(json, at + ".quantity", violations);
  line.price = price_member(json, "price", at + ".price", violations);
  return line;
}

std::vector<RequestedLine> parse_lines(const Json& body, Violations& violations) {
  std::vector<RequestedLine> lines;
  const Json* items = body.find("items");
  if (items == nullptr || !items->is_array()) {
    violations.malformed("items must be an array");
    return lines;
  }
  const auto count = items->as_array().size();
  if (count < 1 || count > bounds::kOrderLinesMax) {
    violations.refused(fmt::format("items must have 1 to {} lines", bounds::kOrderLinesMax));
    return lines;
  }
  for (std::size_t i = 0; i < count; ++i) lines.push_back(parse_line(items->as_array()[i], i, violations));
  return lines;
}

std::string parse_email(const Json& body, Violations& violations) {
  auto email = text_member(body, "customerEmail", "customerEmail", violations);
  if (email && !is_email(*email)) violations.refused("customerEmail must be a mail address");
  return email.value_or("");
}

std::string parse_payment_token(const Json& body, Violations& violations) {
  auto token = text_member(body, "paymentToken", "paymentToken", violations);
  if (token && (token->size() > kPaymentTokenCharsMax || !is_printable(*token))) {
    violations.refused(
        fmt::format("paymentToken must have at most {} visible ASCII characters", kPaymentTokenCharsMax));
  }
  return token.value_or("");
}

// The price as the catalogue has it, or a violation that says what it must be.
void check_price(const std::string& given, base::Money price, const std::string& name,
                 Violations& violations) {
  const auto amount = base::parse_money(given, price.currency);
  if (!amount || *amount != price) {
    violations.refused(fmt::format("{} must be {} {}", name, base::to_decimal(price), price.currency.text()));
  }
}

void check_total(const std::string& given, base::Money sum, Violations& violations) {
  const auto total = base::parse_money(given, sum.currency);
  const base::Money min{1, sum.currency};
  const base::Money max{bounds::kOrderTotalMinorMax, sum.currency};
  if (!total || *total < min || *total > max) {
    violations.refused(fmt::format("total must be a decimal from {} to {} with at most {} decimals",
                                   base::to_decimal(min), base::to_decimal(max), sum.currency.decimals()));
  } else if (*total != sum) {
    violations.refused(fmt::format("total must be {}, the sum of the lines", base::to_decimal(sum)));
  }
}

Json typed(const char* type) { return Json::object({{"type", type}}); }

Json line_schema() {
  return Json::object(
      {{"type", "object"},
       {"additionalProperties", false},
       {"required", Json::array({"productId", "quantity", "price"})},
       {"properties",
        Json::object(
            {{"productId", typed("string")},
             {"name", Json::object({{"type", "string"}, {"maxLength", bounds::kItemNameCharsMax}})},
             {"quantity",
              Json::object({{"type", "integer"}, {"minimum", 1}, {"maximum", bounds::kLineQuantityMax}})},
             {"price", typed("number")}})}});
}

}  // namespace

Json order_request_schema() {
  return Json::object(
      {{"type", "object"},
       {"additionalProperties", false},
       {"required", Json::array({"items", "total"})},
       {"properties",
        Json::object({{"items", Json::object({{"type", "array"},
                                              {"minItems", 1},
                                              {"maxItems", bounds::kOrderLinesMax},
                                              {"items", line_schema()}})},
                      {"total", typed("number")},
                      {"customerEmail", typed("string")},
                      {"paymentToken", typed("string")},
                      {"userId", Json::object({{"description", "Ignored: the owner is the token's"}})}})}});
}

base::Result<OrderRequest> parse_order_request(const Json& body) {
  Violations violations;
  OrderRequest request;
  if (!body.is_object()) {
    return base::fail(base::ErrorCode::malformed, "invalid_order", "The body must be a JSON object.");
  }
  request.lines = parse_lines(body, violations);
  request.total = price_member(body, "total", "total", violations);
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

base::Result<PricedOrder> price_order(const OrderRequest& request,
                                      const std::map<base::ProductId, inventory::Product>& catalogue) {
  Violations violations;
  PricedOrder priced;
  for (std::size_t i = 0; i < request.lines.size(); ++i) {
    const auto& line = request.lines[i];
    const auto found = catalogue.find(line.product);
    if (found == catalogue.end()) {
      violations.refused(fmt::format("items[{}].productId names no product", i));
      continue;
    }
    const auto& product = found->second;
    if (priced.lines.empty()) priced.total.currency = product.price.currency;
    if (product.price.currency != priced.total.currency) {
      violations.refused(fmt::format("items[{}].productId is priced in another currency than items[0]", i));
      continue;
    }
    check_price(line.price, product.price, fmt::format("items[{}].price", i), violations);
    priced.lines.push_back({line.product, line.name.value_or(product.name), line.quantity, product.price});
    priced.total = priced.total + product.price * line.quantity;
  }
  if (violations.empty()) check_total(request.total, priced.total, violations);
  if (auto verdict = violations.verdict("order_refused", "The order does not agree with the catalogue.");
      !verdict) {
    return base::fail(std::move(verdict.error()));
  }
  return priced;
}

}  // namespace ow::orders
