// See listing.h.
#include "app/listing.h"

#include <fmt/format.h>

#include "app/api_client.h"
#include "app/table.h"

namespace ow::app {

Exit show_list(const Invocation& invocation, const Listing& listing) {
  const auto answer = ApiClient(invocation).call({.path = listing.path});
  if (!answer) return exit_with(answer.error(), invocation.json());
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(*answer));
    return Exit::done;
  }
  std::vector<std::vector<std::string>> rows;
  const auto* items = answer->find("items");
  for (const auto& item : items != nullptr ? items->as_array() : base::Json::Array{}) {
    rows.push_back(listing.row_of(item));
  }
  print_table(listing.heading, rows);
  for (const auto& [member, option] : listing.onward) {
    if (const auto cursor = answer->string_at(member)) fmt::print("More: --{} {}\n", option, *cursor);
  }
  return Exit::done;
}

std::string query_of(const Invocation& invocation, const std::vector<std::string>& names) {
  std::string query;
  for (const auto& name : names) {
    if (const auto value = invocation.option(name)) query += fmt::format("&{}={}", name, percent_encode(*value));
  }
  return query;
}

std::string text_at(const base::Json& object, std::string_view name) {
  const auto* value = object.find(name);
  if (value == nullptr || value->is_null()) return "-";
  return value->is_string() ? value->as_string() : base::to_text(*value);
}

}  // namespace ow::app
