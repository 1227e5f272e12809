// `queue list`: depth and age of every queue of a running server.
#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/listing.h"

namespace ow::app {
namespace {

std::string age_of(const base::Json& queue) {
  const auto age = text_at(queue, "oldestAgeSeconds");
  return age == "-" ? age : age + " s";
}

std::vector<std::string> row_of(const base::Json& queue) {
  return {text_at(queue, "name"),
          text_at(queue, "kind"),
          text_at(queue, "ready"),
          text_at(queue, "inFlight"),
          text_at(queue, "delayed"),
          age_of(queue),
          queue.bool_at("paused").value_or(false) ? "paused" : "running"};
}

Exit list(const Invocation& invocation) {
  return show_list(invocation,
                   {.path = "/api/queues",
                    .heading = {"QUEUE", "KIND", "READY", "IN FLIGHT", "DELAYED", "OLDEST", "STATE"},
                    .row_of = row_of});
}

}  // namespace

std::vector<CommandSpec> queue_commands() {
  return {
      {"queue list", "List the queues with their depth and age (operators).", {}, client_options(), list}};
}

}  // namespace ow::app
