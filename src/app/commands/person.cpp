// `person export|erase` and `signing-key list|rotate`: what the law and prudence ask of a running server.
#include <fmt/format.h>

#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/listing.h"

namespace ow::app {
namespace {

std::string path_of(const Invocation& invocation, const char* action) {
  return "/api/persons/" + percent_encode(invocation.argument(0)) + action;
}

Exit export_person(const Invocation& invocation) {
  const auto answer = ApiClient(invocation).call({.path = path_of(invocation, "/export")});
  if (!answer) return exit_with(answer.error(), invocation.json());
  fmt::print("{}\n", base::to_text(*answer));
  return Exit::done;
}

Exit erase_person(const Invocation& invocation) {
  if (!invocation.flag("yes")) {
    complain("this cannot be undone; say --yes to erase the person's data and account");
    return Exit::usage;
  }
  auto body = base::Json::object();
  if (const auto reason = invocation.option("reason")) body.set("reason", *reason);
  const auto answer = ApiClient(invocation).call({"POST", path_of(invocation, "/erase"), std::move(body)});
  if (!answer) return exit_with(answer.error(), invocation.json());
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(*answer));
  } else {
    fmt::print("Erased {}.\n", text_at(*answer, "personId"));
  }
  return Exit::done;
}

std::vector<std::string> key_row(const base::Json& key) {
  return {text_at(key, "kid"), text_at(key, "state"), text_at(key, "publishedAt"), text_at(key, "signsFrom")};
}

Exit list_keys(const Invocation& invocation) {
  return show_list(
      invocation,
      {.path = "/api/signing-keys", .heading = {"KID", "STATE", "PUBLISHED", "SIGNS FROM"}, .row_of = key_row});
}

Exit rotate_keys(const Invocation& invocation) {
  const auto body =
      base::Json::object({{"reason", *invocation.option("reason")}, {"atOnce", invocation.flag("at-once")}});
  const auto answer = ApiClient(invocation).call({"POST", "/api/signing-keys/rotate", body});
  if (!answer) return exit_with(answer.error(), invocation.json());
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(*answer));
    return Exit::done;
  }
  for (const auto& key : answer->find("items")->as_array()) {
    fmt::print("{}  {}\n", text_at(key, "kid"), text_at(key, "state"));
  }
  return Exit::done;
}

}  // namespace

std::vector<CommandSpec> person_commands() {
  const ArgumentSpec person{"PERSON", "the user's id (usr_...), or me"};
  return {{"person export",
           "Print everything that is kept about a person, as JSON.",
           {person},
           client_options(),
           export_person},
          {"person erase",
           "Erase a person's data and account; orders and accounting stay.",
           {person},
           client_options({{"reason", "TEXT", "why"}, {"yes", "", "do it: it cannot be undone"}}),
           erase_person},
          {"signing-key list",
           "List the keys that sign or verify access tokens (admins).",
           {},
           client_options(),
           list_keys},
          {"signing-key rotate",
           "Publish a new key, which signs soon (admins).",
           {},
           client_options({{"reason", "TEXT", "why", true},
                           {"at-once", "", "a key was stolen: end all tokens of the others now"}}),
           rotate_keys}};
}

}  // namespace ow::app
