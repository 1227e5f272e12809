// `product list`: the catalogue of a running server.
#include <fmt/format.h>

#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/table.h"

namespace ow::app {
namespace {

std::string number_at(const base::Json& object, std::string_view name) {
  const auto* value = object.find(name);
  return value != nullptr && value->is_number() ? value->as_number().text : "-";
}

Exit list(const Invocation& invocation) {
  std::string path = "/api/products?limit=" + percent_encode(invocation.option_or("limit", "50"));
  if (const auto cursor = invocation.option("cursor")) path += "&cursor=" + percent_encode(*cursor);
  const auto answer = ApiClient(invocation).call({.path = path});
  if (!answer) return exit_with(answer.error(), invocation.json());
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(*answer));
    return Exit::done;
  }
  std::vector<std::vector<std::string>> rows;
  const auto* items = answer->find("items");
  for (const auto& product : items != nullptr ? items->as_array() : base::Json::Array{}) {
    rows.push_back({std::string(product.string_at("productId").value_or("")),
                    std::string(product.string_at("name").value_or("")), number_at(product, "price"),
                    std::string(product.string_at("currency").value_or("")), number_at(product, "available")});
  }
  print_table({"PRODUCT", "NAME", "PRICE", "CURRENCY", "AVAILABLE"}, rows);
  if (const auto cursor = answer->string_at("nextCursor")) fmt::print("More: --cursor {}\n", *cursor);
  return Exit::done;
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
