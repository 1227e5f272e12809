// `api-key create|list|show|rotate|revoke|scopes`: keys of servers that call the API (admins).
#include <fmt/format.h>

#include <charconv>

#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/listing.h"
#include "app/table.h"
#include "http/scopes.h"

namespace ow::app {
namespace {

std::string joined(const base::Json& object, std::string_view name) {
  std::string text;
  const auto* items = object.find(name);
  for (const auto& item : items != nullptr && items->is_array() ? items->as_array() : base::Json::Array{}) {
    if (!text.empty()) text += ' ';
    text += item.is_string() ? item.as_string() : base::to_text(item);
  }
  return text.empty() ? "-" : text;
}

/// "ow_AbCdEf until 2026-…, ow_GhIjKl"
std::string hints(const base::Json& key) {
  std::string text;
  const auto* secrets = key.find("secrets");
  for (const auto& secret : secrets != nullptr ? secrets->as_array() : base::Json::Array{}) {
    if (!text.empty()) text += ", ";
    text += text_at(secret, "hint");
    if (const auto until = secret.string_at("expiresAt")) text += " until " + std::string(*until);
  }
  return text.empty() ? "-" : text;
}

std::vector<std::string> row_of(const base::Json& key) {
  return {text_at(key, "keyId"),
          text_at(key, "name"),
          text_at(key, "status"),
          joined(key, "scopes"),
          text_at(key, "lastUsedAt"),
          text_at(key, "expiresAt"),
          hints(key)};
}

Exit list(const Invocation& invocation) {
  return show_list(invocation, {.path = "/api/api-keys?" + query_of(invocation, {"limit", "cursor"}),
                                .heading = {"KEY", "NAME", "STATUS", "SCOPES", "LAST USED", "EXPIRES", "SECRETS"},
                                .row_of = row_of});
}

Exit print(const Invocation& invocation, const base::Result<base::Json>& answer) {
  if (!answer) return exit_with(answer.error(), invocation.json());
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(*answer));
    return Exit::done;
  }
  for (const char* name :
       {"keyId", "name", "status", "rate", "createdAt", "createdBy", "lastUsedAt", "expiresAt", "revokedAt"}) {
    fmt::print("{:<11} {}\n", name, text_at(*answer, name));
  }
  fmt::print("{:<11} {}\n{:<11} {}\n{:<11} {}\n", "scopes", joined(*answer, "scopes"), "sources",
             joined(*answer, "sources"), "secrets", hints(*answer));
  return Exit::done;
}

/// The key alone goes to standard output, so that a script can take it.
Exit print_once(const Invocation& invocation, const base::Result<base::Json>& answer) {
  if (!answer) return exit_with(answer.error(), invocation.json());
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(*answer));
    return Exit::done;
  }
  fmt::print("{}\n", text_at(*answer, "apiKey"));
  complain(fmt::format("this is {} ({}); keep the key now, it is not shown again", text_at(*answer, "keyId"),
                       text_at(*answer, "name")));
  return Exit::done;
}

base::Json texts(const std::vector<std::string>& items) { return base::Json::Array(items.begin(), items.end()); }

/// A number as JSON; what is none goes as text, and the server says what is wrong with it.
base::Json number_or_text(const std::string& text) {
  std::int64_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || rest != text.data() + text.size()) return text;
  return value;
}

Exit create(const Invocation& invocation) {
  auto body =
      base::Json::object({{"name", *invocation.option("name")}, {"scopes", texts(invocation.options("scope"))}});
  if (invocation.flag("source")) body.set("sources", texts(invocation.options("source")));
  if (const auto rate = invocation.option("rate")) body.set("ratePerSecond", number_or_text(*rate));
  if (const auto expires = invocation.option("expires")) body.set("expiresAt", *expires);
  return print_once(invocation, ApiClient(invocation).call({"POST", "/api/api-keys", std::move(body)}));
}

std::string path_of(const Invocation& invocation, const std::string& action = {}) {
  return "/api/api-keys/" + percent_encode(invocation.argument(0)) + action;
}

Exit show(const Invocation& invocation) {
  return print(invocation, ApiClient(invocation).call({.path = path_of(invocation)}));
}

Exit rotate(const Invocation& invocation) {
  auto body = base::Json::object();
  if (const auto overlap = invocation.option("overlap")) body.set("overlapSeconds", number_or_text(*overlap));
  if (const auto reason = invocation.option("reason")) body.set("reason", *reason);
  return print_once(invocation, ApiClient(invocation).call({"POST", path_of(invocation, "/rotate"), std::move(body)}));
}

Exit revoke(const Invocation& invocation) {
  auto body = base::Json::object({{"reason", *invocation.option("reason")}});
  return print(invocation, ApiClient(invocation).call({"POST", path_of(invocation, "/revoke"), std::move(body)}));
}

Exit scopes(const Invocation& invocation) {
  auto items = base::Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const auto& scope : http::all_scopes()) {
    rows.push_back({std::string(scope.name), std::string(scope.allows)});
    items.push_back(base::Json::object({{"scope", scope.name}, {"allows", scope.allows}}));
  }
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(base::Json::object({{"items", std::move(items)}})));
  } else {
    print_table({"SCOPE", "ALLOWS TO"}, rows);
  }
  return Exit::done;
}

std::vector<OptionSpec> create_options() {
  return client_options({{"name", "NAME", "what the key is for", true},
                         {"scope", "SCOPE", "what it may do (again for more; see api-key scopes)", true},
                         {"source", "SOURCE", "events:ingest: an event source it may use (again for more)"},
                         {"rate", "N", "requests per second (default: as everybody)"},
                         {"expires", "TIME", "RFC 3339; default: never"}});
}

}  // namespace

std::vector<CommandSpec> api_key_commands() {
  const ArgumentSpec id{"KEY", "the key's id (key_...)"};
  return {
      {"api-key create", "Make a key for a server and print it, once (admins).", {}, create_options(), create},
      {"api-key list",
       "List the keys, newest first.",
       {},
       client_options({{"limit", "N", "keys a page, at most 50"}, {"cursor", "CURSOR", "continue an earlier list"}}),
       list},
      {"api-key show", "Show one key.", {id}, client_options(), show},
      {"api-key rotate",
       "Print a new secret of the key; the old one is good a while longer.",
       {id},
       client_options(
           {{"overlap", "SECONDS", "how long the old one stays good (default 86400)"}, {"reason", "TEXT", "why"}}),
       rotate},
      {"api-key revoke", "End the key at once.", {id}, client_options({{"reason", "TEXT", "why", true}}), revoke},
      {"api-key scopes", "List what keys can be allowed to do (offline).", {}, {}, scopes},
  };
}

}  // namespace ow::app
