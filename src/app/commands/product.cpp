// `product list`: the catalogue of a running server.
#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/listing.h"

namespace ow::app {
namespace {

std::vector<std::string> row_of(const base::Json& product) {
  return {text_at(product, "productId"), text_at(product, "name"), text_at(product, "price"),
          text_at(product, "currency"), text_at(product, "available")};
}

Exit list(const Invocation& invocation) {
  const auto limit = percent_encode(invocation.option_or("limit", "50"));
  return show_list(invocation, {.path = "/api/products?limit=" + limit + query_of(invocation, {"cursor"}),
                                .heading = {"PRODUCT", "NAME", "PRICE", "CURRENCY", "AVAILABLE"},
                                .row_of = row_of});
}

}  // namespace

std::vector<CommandSpec> product_commands() {
  return {{"product list",
           "List the catalogue.",
           {},
           client_options({{"limit", "N", "at most N products (default and maximum 50)"},
                           {"cursor", "CURSOR", "continue an earlier list"}}),
           list}};
}

}  // namespace ow::app
