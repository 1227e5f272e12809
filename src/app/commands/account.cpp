// `user list|disable|enable|sign-out|roles`: users of a running server (admins); `user create` is user.cpp.
#include <fmt/format.h>

#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/listing.h"

namespace ow::app {
namespace {

std::string roles_of(const base::Json& user) {
  std::string text;
  const auto* roles = user.find("roles");
  for (const auto& role : roles != nullptr && roles->is_array() ? roles->as_array() : base::Json::Array{}) {
    if (!text.empty()) text += ' ';
    text += role.is_string() ? role.as_string() : "?";
  }
  return text;
}

std::vector<std::string> row_of(const base::Json& user) {
  return {text_at(user, "username"), text_at(user, "userId"), roles_of(user), text_at(user, "createdAt"),
          text_at(user, "disabledAt")};
}

Exit list(const Invocation& invocation) {
  return show_list(invocation, {.path = "/api/users?" + query_of(invocation, {"cursor"}),
                                .heading = {"NAME", "ID", "ROLES", "CREATED", "DISABLED"},
                                .row_of = row_of});
}

Exit act(const Invocation& invocation, const std::string& action, base::Json body) {
  const auto answer =
      ApiClient(invocation)
          .call({"POST", "/api/users/" + percent_encode(invocation.argument(0)) + "/" + action, std::move(body)});
  if (!answer) return exit_with(answer.error(), invocation.json());
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(*answer));
  } else {
    fmt::print("{}  {}  {}\n", text_at(*answer, "username"), roles_of(*answer),
               answer->string_at("disabledAt") ? "disabled" : "enabled");
  }
  return Exit::done;
}

CommandSpec action(const std::string& name, const std::string& summary) {
  return {"user " + name,
          summary,
          {{"NAME", "the login name"}},
          client_options({{"reason", "TEXT", "why", true}}),
          [name](const Invocation& invocation) {
            return act(invocation, name, base::Json::object({{"reason", *invocation.option("reason")}}));
          }};
}

Exit set_roles(const Invocation& invocation) {
  const auto roles = invocation.options("role");
  return act(invocation, "roles",
             base::Json::object(
                 {{"roles", base::Json::Array(roles.begin(), roles.end())}, {"reason", *invocation.option("reason")}}));
}

}  // namespace

std::vector<CommandSpec> account_commands() {
  return {{"user list",
           "List the users, by name (admins).",
           {},
           client_options({{"cursor", "CURSOR", "continue an earlier list"}}),
           list},
          action("disable", "Disable a user and end all of the user's sessions."),
          action("enable", "Enable a disabled user."),
          action("sign-out", "End all sessions of a user."),
          {"user roles",
           "Give a user these roles instead of the present ones.",
           {{"NAME", "the login name"}},
           client_options({{"role", "ROLE", "shopper, operator or admin (again for more)", true},
                           {"reason", "TEXT", "why", true}}),
           set_roles}};
}

}  // namespace ow::app
