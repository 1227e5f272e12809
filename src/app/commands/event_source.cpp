// `event-source create|list|rotate|delete`: systems outside that sign the events they hand in (admins).
#include <fmt/format.h>

#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/listing.h"

namespace ow::app {
namespace {

std::vector<std::string> row_of(const base::Json& source) {
  const auto* secrets = source.find("secrets");
  const auto count = secrets != nullptr && secrets->is_array() ? secrets->as_array().size() : 0;
  return {text_at(source, "source"), text_at(source, "note"), text_at(source, "createdAt"), std::to_string(count)};
}

Exit list(const Invocation& invocation) {
  return show_list(invocation, {.path = "/api/event-sources?" + query_of(invocation, {"cursor"}),
                                .heading = {"SOURCE", "NOTE", "CREATED", "SECRETS"},
                                .row_of = row_of});
}

/// The secret alone goes to standard output, so that a script can take it.
Exit print_once(const Invocation& invocation, const base::Result<base::Json>& answer) {
  if (!answer) return exit_with(answer.error(), invocation.json());
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(*answer));
    return Exit::done;
  }
  fmt::print("{}\n", text_at(*answer, "secret"));
  complain(fmt::format("this is the secret of {}; keep it now, it is not shown again", text_at(*answer, "source")));
  return Exit::done;
}

Exit create(const Invocation& invocation) {
  auto body = base::Json::object({{"source", invocation.argument(0)}});
  if (const auto note = invocation.option("note")) body.set("note", *note);
  return print_once(invocation, ApiClient(invocation).call({"POST", "/api/event-sources", std::move(body)}));
}

std::string path_of(const Invocation& invocation) {
  return "/api/event-sources/" + percent_encode(invocation.argument(0));
}

Exit rotate(const Invocation& invocation) {
  auto body = base::Json::object();
  if (const auto overlap = invocation.option("overlap")) {
    const base::JsonNumber seconds{*overlap};
    if (!seconds.integer()) {
      complain("--overlap must be a number of seconds");
      return Exit::usage;
    }
    body.set("overlapSeconds", *seconds.integer());
  }
  if (const auto reason = invocation.option("reason")) body.set("reason", *reason);
  return print_once(invocation, ApiClient(invocation).call({"POST", path_of(invocation) + "/rotate", std::move(body)}));
}

Exit remove(const Invocation& invocation) {
  const auto answer = ApiClient(invocation).call({.method = "DELETE", .path = path_of(invocation)});
  if (!answer) return exit_with(answer.error(), invocation.json());
  if (!invocation.json()) fmt::print("Deleted {}.\n", invocation.argument(0));
  return Exit::done;
}

}  // namespace

std::vector<CommandSpec> event_source_commands() {
  const ArgumentSpec source{"SOURCE", "the `source` of its events"};
  return {
      {"event-source create",
       "Make a source that signs its events and print its secret, once (admins).",
       {source},
       client_options({{"note", "TEXT", "what it is"}}),
       create},
      {"event-source list",
       "List the sources.",
       {},
       client_options({{"cursor", "CURSOR", "continue an earlier list"}}),
       list},
      {"event-source rotate",
       "Print a new secret of the source; the old one is good a while longer.",
       {source},
       client_options(
           {{"overlap", "SECONDS", "how long the old one stays good (default 86400)"}, {"reason", "TEXT", "why"}}),
       rotate},
      {"event-source delete", "Take no more events that the source signs.", {source}, client_options(), remove},
  };
}

}  // namespace ow::app
