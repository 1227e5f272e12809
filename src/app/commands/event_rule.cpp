// `rule list|show|create|try|enable|disable|delete`: event rules of a running server.
#include <fmt/format.h>

#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/listing.h"
#include "app/table.h"

namespace ow::app {
namespace {

using base::Json;
using base::Result;

std::string queues_of(const Json& rule) {
  std::string queues;
  if (const auto* targets = rule.find("targets")) {
    for (const auto& target : targets->as_array()) queues += (queues.empty() ? "" : ", ") + text_at(target, "queue");
  }
  return queues;
}

std::string state_of(const Json& rule) {
  if (rule.bool_at("system").value_or(false)) return "system";
  return rule.bool_at("enabled").value_or(false) ? "enabled" : "disabled";
}

Exit list(const Invocation& invocation) {
  const auto limit = percent_encode(invocation.option_or("limit", "50"));
  return show_list(invocation, {.path = "/api/rules?limit=" + limit + query_of(invocation, {"cursor"}),
                                .heading = {"RULE", "STATE", "QUEUES", "PATTERN"},
                                .row_of = [](const Json& rule) {
                                  return std::vector<std::string>{text_at(rule, "name"), state_of(rule),
                                                                  queues_of(rule), text_at(rule, "pattern")};
                                }});
}

void print_rule(const Json& rule) {
  for (const char* name : {"name", "description", "pattern", "deadLetterQueue", "changedAt", "changedBy"}) {
    fmt::print("{:<16} {}\n", name, text_at(rule, name));
  }
  fmt::print("{:<16} {}\n\n", "state", state_of(rule));
  std::vector<std::vector<std::string>> rows;
  for (const auto& target : rule.find("targets")->as_array()) {
    auto form = target;
    form.remove("queue");
    rows.push_back({text_at(target, "queue"), form.as_object().empty() ? "the event as it is" : to_text(form)});
  }
  print_table({"QUEUE", "GETS"}, rows);
}

Exit print_answer(const Result<Json>& answer, const Invocation& invocation) {
  if (!answer) return exit_with(answer.error(), invocation.json());
  invocation.json() ? fmt::print("{}\n", to_text(*answer)) : print_rule(*answer);
  return Exit::done;
}

std::string path_of(const Invocation& invocation) { return "/api/rules/" + percent_encode(invocation.argument(0)); }

Exit show(const Invocation& invocation) {
  return print_answer(ApiClient(invocation).call({.path = path_of(invocation)}), invocation);
}

/// A file's JSON; an error names the file.
Result<Json> read_json(const std::string& file) {
  const auto text = read_input(file);
  auto json = text ? base::parse_json(*text) : base::fail(text.error());
  if (!json) json.error().message = file + ": " + json.error().message;
  return json;
}

Result<Json> rule_of(const Invocation& invocation) {
  if (const auto file = invocation.option("file")) return read_json(*file);
  auto pattern = read_json(*invocation.option("pattern"));
  if (!pattern) return pattern;
  auto targets = Json::array();
  for (const auto& queue : invocation.options("queue")) {
    auto target = Json::object({{"queue", queue}});
    if (const auto kind = invocation.option("make")) target.set("queueKind", *kind);
    if (const auto path = invocation.option("input-path")) target.set("inputPath", *path);
    targets.push_back(std::move(target));
  }
  auto rule = Json::object(
      {{"name", *invocation.option("name")}, {"pattern", std::move(*pattern)}, {"targets", std::move(targets)}});
  if (const auto text = invocation.option("description")) rule.set("description", *text);
  if (const auto queue = invocation.option("dead-letter-queue")) rule.set("deadLetterQueue", *queue);
  if (invocation.flag("disabled")) rule.set("enabled", false);
  return rule;
}

Exit create(const Invocation& invocation) {
  const bool whole = invocation.flag("name") && invocation.flag("pattern") && invocation.flag("queue");
  if (invocation.flag("file") == whole) {
    complain("rule create needs either --name, --pattern and --queue or --file FILE");
    return Exit::usage;
  }
  auto rule = rule_of(invocation);
  if (!rule) {
    complain(rule.error(), invocation.json());
    return Exit::usage;
  }
  return print_answer(ApiClient(invocation)
                          .call({.method = "POST",
                                 .path = "/api/rules",
                                 .body = std::move(*rule),
                                 .idempotency_key = invocation.option_or("idempotency-key", "")}),
                      invocation);
}

Exit set_enabled(const Invocation& invocation, const char* verb) {
  const auto body = Json::object({{"reason", invocation.option_or("reason", "")}});
  return print_answer(
      ApiClient(invocation).call({.method = "POST", .path = path_of(invocation) + "/" + verb, .body = body}),
      invocation);
}

Exit enable(const Invocation& invocation) { return set_enabled(invocation, "enable"); }
Exit disable(const Invocation& invocation) { return set_enabled(invocation, "disable"); }

Exit remove(const Invocation& invocation) {
  const auto answer = ApiClient(invocation).call({.method = "DELETE", .path = path_of(invocation)});
  if (!answer) return exit_with(answer.error(), invocation.json());
  fmt::print("{}\n", invocation.json() ? to_text(*answer) : "deleted " + invocation.argument(0));
  return Exit::done;
}

Exit print_matches(const Result<Json>& answer, const Invocation& invocation) {
  if (!answer) return exit_with(answer.error(), invocation.json());
  if (invocation.json()) {
    fmt::print("{}\n", to_text(*answer));
    return Exit::done;
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& event : answer->find("items")->as_array()) {
    rows.push_back(
        {text_at(event, "time"), text_at(event, "detail-type"), text_at(event, "resources"), text_at(event, "id")});
  }
  print_table({"TIME", "TYPE", "RESOURCES", "EVENT"}, rows);
  fmt::print("{} of the newest {} events match.\n", text_at(*answer, "matched"), text_at(*answer, "tested"));
  return Exit::done;
}

/// A number stays one; what is none is the server's to refuse.
Json number_or_text(const std::string& text) {
  auto json = base::parse_json(text);
  return json ? std::move(*json) : Json(text);
}

Exit try_on_newest(const Invocation& invocation) {
  if (invocation.flag("rule") == invocation.flag("pattern")) {
    complain("rule try needs either --rule NAME or --pattern FILE");
    return Exit::usage;
  }
  auto body = Json::object();
  if (const auto count = invocation.option("events")) body.set("events", number_or_text(*count));
  std::string path = "/api/rules/test";
  if (const auto file = invocation.option("pattern")) {
    auto pattern = read_json(*file);
    if (!pattern) {
      complain(pattern.error(), invocation.json());
      return Exit::usage;
    }
    body.set("pattern", std::move(*pattern));
  } else {
    path = "/api/rules/" + percent_encode(*invocation.option("rule")) + "/test";
  }
  return print_matches(ApiClient(invocation).call({.method = "POST", .path = path, .body = std::move(body)}),
                       invocation);
}

const ArgumentSpec kRule{"RULE", "the rule's name"};
const OptionSpec kReason{"reason", "TEXT", "why; kept with the event of the action"};

}  // namespace

std::vector<CommandSpec> event_rule_commands() {
  return {
      {"rule list",
       "List the event rules (operators).",
       {},
       client_options(
           {{"limit", "N", "at most N (default and maximum 50)"}, {"cursor", "CURSOR", "continue an earlier list"}}),
       list},
      {"rule show", "Show an event rule.", {kRule}, client_options(), show},
      {"rule create",
       "Make an event rule; it routes everything committed from then on.",
       {},
       client_options({{"name", "NAME", "1 to 64 of letters, digits, '.', '-' and '_'"},
                       {"pattern", "FILE", "the pattern as JSON; - reads standard input"},
                       {"queue", "QUEUE", "a queue that hears of matching events; up to five"},
                       {"make", "ordered|fair", "make the queues of this kind when they are not there"},
                       {"input-path", "PATH", "send this part of the event, such as $.detail"},
                       {"description", "TEXT", "what it is for"},
                       {"dead-letter-queue", "QUEUE", "takes what cannot be delivered (default event-rules.dlq)"},
                       {"disabled", "", "make it, but do not route by it yet"},
                       {"file", "FILE", "the whole rule as JSON instead; - reads standard input"},
                       {"idempotency-key", "KEY", "the same key again repeats nothing"}}),
       create},
      {"rule try",
       "Which of the newest events a rule or a pattern matches.",
       {},
       client_options({{"rule", "NAME", "a rule of the server"},
                       {"pattern", "FILE", "a pattern as JSON; - reads standard input"},
                       {"events", "N", "how many events to look at (default 100, at most 1000)"}}),
       try_on_newest},
      {"rule enable", "Let a rule route again.", {kRule}, client_options({kReason}), enable},
      {"rule disable", "Keep a rule from routing.", {kRule}, client_options({kReason}), disable},
      {"rule delete", "Delete a rule.", {kRule}, client_options(), remove},
  };
}

}  // namespace ow::app
