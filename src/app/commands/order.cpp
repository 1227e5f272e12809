// `order place|list|show|cancel`: orders of a running server.
#include <fmt/format.h>

#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/listing.h"
#include "app/table.h"
#include "base/bounds.h"
#include "base/money.h"

namespace ow::app {
namespace {

/// "mug=2" with the catalogue's name and price. Prices are confirmed by the client, so they are looked up.
base::Result<base::Json> line_of(ApiClient& client, const std::string& item) {
  const auto equals = item.find('=');
  const auto product_id = item.substr(0, equals);
  const auto quantity = equals == std::string::npos ? std::string("1") : item.substr(equals + 1);
  const base::JsonNumber count{quantity};
  const bool digits = !quantity.empty() && quantity.find_first_not_of("0123456789") == std::string::npos;
  if (!digits || count.integer().value_or(base::bounds::kLineQuantityMax + 1) > base::bounds::kLineQuantityMax) {
    return base::fail(
        base::ErrorCode::malformed, "bad_item",
        fmt::format("--item {}: the quantity must be an integer of at most {}", item, base::bounds::kLineQuantityMax));
  }
  const auto product = client.call({.path = "/api/products/" + percent_encode(product_id)});
  if (!product) return base::fail(product.error());
  const auto* price = product->find("price");
  if (price == nullptr) return base::fail(base::ErrorCode::internal, "bad_answer", "the server's product has no price");
  return base::Json::object({{"productId", product_id},
                             {"name", text_at(*product, "name")},
                             {"quantity", *count.integer()},
                             {"price", *price}});
}

base::Result<base::Money> price_of(const base::Json& line) {
  auto price = base::parse_money(line.find("price")->as_number().text, {});
  if (price) *price = *price * *line.integer_at("quantity");
  return price;
}

base::Result<base::Json> order_of(ApiClient& client, const Invocation& invocation) {
  if (const auto file = invocation.option("file")) {
    const auto text = read_input(*file);
    return text ? base::parse_json(*text) : base::fail(text.error());
  }
  auto items = base::Json::array();
  base::Money total;
  for (const auto& item : invocation.options("item")) {
    auto line = line_of(client, item);
    if (!line) return line;
    const auto price = price_of(*line);
    if (!price) return base::fail(price.error());
    total = total + *price;
    items.push_back(std::move(*line));
  }
  auto order = base::Json::object({{"items", items}, {"total", base::JsonNumber{base::to_decimal(total)}}});
  if (const auto token = invocation.option("payment-token")) order.set("paymentToken", *token);
  if (const auto mail = invocation.option("email")) order.set("customerEmail", *mail);
  return order;
}

Exit print_answer(const base::Result<base::Json>& answer, const Invocation& invocation) {
  if (!answer) return exit_with(answer.error(), invocation.json());
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(*answer));
  } else {
    fmt::print("{}  {}\n", text_at(*answer, "orderId"), text_at(*answer, "status"));
  }
  return Exit::done;
}

Exit place(const Invocation& invocation) {
  if (invocation.flag("file") == invocation.flag("item")) {
    complain("order place needs either --item PRODUCT=QUANTITY (once a line) or --file FILE");
    return Exit::usage;
  }
  ApiClient client(invocation);
  auto order = order_of(client, invocation);
  if (!order) {
    if (order.error().code == base::ErrorCode::malformed) {
      complain(order.error(), invocation.json());
      return Exit::usage;
    }
    return exit_with(order.error(), invocation.json());
  }
  return print_answer(client.call({.method = "POST",
                                   .path = "/api/orders",
                                   .body = std::move(*order),
                                   .idempotency_key = invocation.option_or("idempotency-key", "")}),
                      invocation);
}

std::vector<std::string> row_of(const base::Json& order) {
  return {text_at(order, "orderId"), text_at(order, "status"),   text_at(order, "reason"),
          text_at(order, "total"),   text_at(order, "currency"), text_at(order, "createdAt")};
}

Exit list(const Invocation& invocation) {
  const auto limit = percent_encode(invocation.option_or("limit", "50"));
  const auto filters = query_of(invocation, {"status", "from", "to", "customer", "cursor"});
  return show_list(invocation, {.path = "/api/orders?limit=" + limit + filters,
                                .heading = {"ORDER", "STATUS", "REASON", "TOTAL", "CURRENCY", "CREATED"},
                                .row_of = row_of});
}

void print_order(const base::Json& order) {
  for (const char* name :
       {"orderId", "status", "reason", "total", "currency", "customerEmail", "createdAt", "updatedAt"}) {
    fmt::print("{:<14} {}\n", name, text_at(order, name));
  }
  std::vector<std::vector<std::string>> lines;
  if (const auto* items = order.find("items")) {
    for (const auto& line : items->as_array()) {
      lines.push_back(
          {text_at(line, "productId"), text_at(line, "name"), text_at(line, "quantity"), text_at(line, "price")});
    }
  }
  fmt::print("\n");
  print_table({"PRODUCT", "NAME", "QUANTITY", "PRICE"}, lines);
  std::vector<std::vector<std::string>> events;
  if (const auto* history = order.find("events")) {
    for (const auto& event : history->as_array()) {
      events.push_back({text_at(event, "sequence"), text_at(event, "type"), text_at(event, "time")});
    }
  }
  fmt::print("\n");
  print_table({"#", "EVENT", "TIME"}, events);
}

Exit show(const Invocation& invocation) {
  const auto answer = ApiClient(invocation).call({.path = "/api/orders/" + percent_encode(invocation.argument(0))});
  if (!answer) return exit_with(answer.error(), invocation.json());
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(*answer));
  } else {
    print_order(*answer);
  }
  return Exit::done;
}

Exit cancel(const Invocation& invocation) {
  return print_answer(ApiClient(invocation)
                          .call({.method = "POST",
                                 .path = "/api/orders/" + percent_encode(invocation.argument(0)) + "/cancel",
                                 .idempotency_key = invocation.option_or("idempotency-key", "")}),
                      invocation);
}

const OptionSpec kIdempotencyKey{"idempotency-key", "KEY", "the same key again repeats nothing"};

}  // namespace

std::vector<CommandSpec> order_commands() {
  return {
      {"order place",
       "Place an order.",
       {},
       client_options({{"item", "PRODUCT=QUANTITY", "a line; give it once a line; the price is the catalogue's"},
                       {"file", "FILE", "the request body as JSON; - reads standard input"},
                       {"payment-token", "TOKEN", "the payment provider's token"},
                       {"email", "ADDRESS", "where the customer hears of it"},
                       kIdempotencyKey}),
       place},
      {"order list",
       "List orders, newest first.",
       {},
       client_options({{"status", "STATUS", "only of this status"},
                       {"from", "TIME", "created at or after (RFC 3339)"},
                       {"to", "TIME", "created before (RFC 3339)"},
                       {"customer", "USER", "only this customer's (operators)"},
                       {"limit", "N", "at most N (default and maximum 50)"},
                       {"cursor", "CURSOR", "continue an earlier list"}}),
       list},
      {"order show", "Show an order with its events.", {{"ORDER", "the order's id"}}, client_options(), show},
      {"order cancel",
       "Cancel an order that is not confirmed yet.",
       {{"ORDER", "the order's id"}},
       client_options({kIdempotencyKey}),
       cancel},
  };
}

}  // namespace ow::app
