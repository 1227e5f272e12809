// `queue list`: depth and age of every queue of a running server.
#include <fmt/format.h>

#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/table.h"

namespace ow::app {
namespace {

std::string count_at(const base::Json& queue, std::string_view name) {
  return std::to_string(queue.integer_at(name).value_or(0));
}

std::string age_of(const base::Json& queue) {
  const auto* age = queue.find("oldestAgeSeconds");
  return age == nullptr || !age->is_number() ? "-" : age->as_number().text + " s";
}

Exit list(const Invocation& invocation) {
  const auto answer = ApiClient(invocation).call({.path = "/api/queues"});
  if (!answer) return exit_with(answer.error(), invocation.json());
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(*answer));
    return Exit::done;
  }
  std::vector<std::vector<std::string>> rows;
  const auto* items = answer->find("items");
  for (const auto& queue : items != nullptr ? items->as_array() : base::Json::Array{}) {
    rows.push_back({std::string(queue.string_at("name").value_or("")), std::string(queue.string_at("kind").value_or("")),
                    count_at(queue, "ready"), count_at(queue, "inFlight"), count_at(queue, "delayed"), age_of(queue),
                    queue.bool_at("paused").value_or(false) ? "paused" : "running"});
  }
  print_table({"QUEUE", "KIND", "READY", "IN FLIGHT", "DELAYED", "OLDEST", "STATE"}, rows);
  return Exit::done;
}

}  // namespace

std::vector<CommandSpec> queue_commands() {
  return {{"queue list", "List the queues with their depth and age (operators).", {}, client_options(), list}};
}

}  // namespace ow::app
