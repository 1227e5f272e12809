// `replay start|list|show|cancel`: replays of events by a running server.
#include <fmt/format.h>

#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/listing.h"
#include "app/table.h"

namespace ow::app {
namespace {

using base::Json;
using base::Result;

std::string kind_of(const Json& replay) { return replay.bool_at("dryRun").value_or(false) ? "dry run" : "replay"; }

std::vector<std::string> row_of(const Json& replay) {
  return {
      text_at(replay, "replayId"), kind_of(replay),         text_at(replay, "status"),   text_at(replay, "scanned"),
      text_at(replay, "matched"),  text_at(replay, "sent"), text_at(replay, "position"), text_at(replay, "createdAt")};
}

Exit list(const Invocation& invocation) {
  const auto limit = percent_encode(invocation.option_or("limit", "50"));
  return show_list(invocation,
                   {.path = "/api/replays?limit=" + limit + query_of(invocation, {"cursor"}),
                    .heading = {"REPLAY", "KIND", "STATUS", "LOOKED AT", "MATCHED", "SENT", "UP TO", "STARTED"},
                    .row_of = row_of});
}

void print_replay(const Json& replay) {
  for (const char* name :
       {"replayId", "status", "dryRun", "description", "from", "to", "subject", "pattern", "rules", "ratePerSecond",
        "createdAt", "createdBy", "finishedAt", "reason", "position", "scanned", "matched", "sent", "deadLettered"}) {
    fmt::print("{:<14} {}\n", name, text_at(replay, name));
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& [rule, count] : replay.find("byRule")->as_object()) rows.push_back({rule, to_text(count)});
  fmt::print("\n");
  print_table({"RULE", "MESSAGES"}, rows);
}

Exit print_answer(const Result<Json>& answer, const Invocation& invocation) {
  if (!answer) return exit_with(answer.error(), invocation.json());
  invocation.json() ? fmt::print("{}\n", to_text(*answer)) : print_replay(*answer);
  return Exit::done;
}

/// A number stays one; what is none is the server's to refuse.
Json number_or_text(const std::string& text) {
  auto json = base::parse_json(text);
  return json ? std::move(*json) : Json(text);
}

Result<Json> request_of(const Invocation& invocation) {
  auto body = Json::object({{"dryRun", invocation.flag("dry-run")}});
  for (const char* name : {"from", "to", "subject", "description", "reason"}) {
    if (const auto value = invocation.option(name)) body.set(name, *value);
  }
  auto rules = Json::array();
  for (const auto& rule : invocation.options("rule")) rules.push_back(rule);
  if (!rules.as_array().empty()) body.set("rules", std::move(rules));
  if (const auto rate = invocation.option("rate")) body.set("ratePerSecond", number_or_text(*rate));
  const auto file = invocation.option("pattern");
  if (!file) return body;
  const auto text = read_input(*file);
  auto pattern = text ? base::parse_json(*text) : base::fail(text.error());
  if (!pattern) return pattern;
  body.set("pattern", std::move(*pattern));
  return body;
}

Exit start(const Invocation& invocation) {
  auto body = request_of(invocation);
  if (!body) {
    complain(body.error(), invocation.json());
    return Exit::usage;
  }
  return print_answer(ApiClient(invocation)
                          .call({.method = "POST",
                                 .path = "/api/replays",
                                 .body = std::move(*body),
                                 .idempotency_key = invocation.option_or("idempotency-key", "")}),
                      invocation);
}

std::string path_of(const Invocation& invocation) { return "/api/replays/" + percent_encode(invocation.argument(0)); }

Exit show(const Invocation& invocation) {
  return print_answer(ApiClient(invocation).call({.path = path_of(invocation)}), invocation);
}

Exit cancel(const Invocation& invocation) {
  const auto body = Json::object({{"reason", invocation.option_or("reason", "")}});
  return print_answer(
      ApiClient(invocation).call({.method = "POST", .path = path_of(invocation) + "/cancel", .body = body}),
      invocation);
}

const ArgumentSpec kReplay{"REPLAY", "the replay's id"};
const OptionSpec kReason{"reason", "TEXT", "why; kept with the event of the action"};

}  // namespace

std::vector<CommandSpec> replay_commands() {
  return {
      {"replay start",
       "Send events of the log again to rules, in order.",
       {},
       client_options(
           {{"from", "TIME", "events of this time and later (RFC 3339)"},
            {"to", "TIME", "events before this time (default: up to now)"},
            {"subject", "SUBJECT", "only of this subject, such as an order"},
            {"pattern", "FILE", "only events that match; - reads standard input"},
            {"rule", "NAME", "to this rule, more than once for several (default: all enabled ones but the system's)"},
            {"rate", "N", "messages a second (default: as fast as it goes)"},
            {"dry-run", "", "count only"},
            {"description", "TEXT", "what it is for"},
            kReason,
            {"idempotency-key", "KEY", "the same key again repeats nothing"}}),
       start},
      {"replay list",
       "List replays with their progress, newest first.",
       {},
       client_options(
           {{"limit", "N", "at most N (default and maximum 50)"}, {"cursor", "CURSOR", "continue an earlier list"}}),
       list},
      {"replay show", "Show a replay.", {kReplay}, client_options(), show},
      {"replay cancel", "End a running replay; what it sent stays sent.", {kReplay}, client_options({kReason}), cancel},
  };
}

}  // namespace ow::app
