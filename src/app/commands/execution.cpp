// `execution …`: list, show, start, stop, pause, resume, redrive and bulk actions on executions of a running
// server, and answers to task tokens.
#include <fmt/format.h>

#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/listing.h"
#include "app/table.h"

namespace ow::app {
namespace {

using base::Json;

constexpr std::string_view kPath = "/api/executions/";
constexpr std::string_view kHistoryPage = "500";

std::vector<std::string> row_of(const Json& execution) {
  return {text_at(execution, "executionId"), text_at(execution, "definition") + " v" + text_at(execution, "version"),
          text_at(execution, "status"),      text_at(execution, "state"),
          text_at(execution, "error"),       text_at(execution, "stuckSeconds") + " s",
          text_at(execution, "startedAt")};
}

Exit list(const Invocation& invocation) {
  const auto limit = percent_encode(invocation.option_or("limit", "50"));
  auto path = "/api/executions?limit=" + limit + query_of(invocation, {"status", "definition", "error", "cursor"});
  if (const auto stuck = invocation.option("stuck")) path += "&stuckSeconds=" + percent_encode(*stuck);
  return show_list(invocation, {.path = path,
                                .heading = {"EXECUTION", "DEFINITION", "STATUS", "STATE", "ERROR", "STUCK", "STARTED"},
                                .row_of = row_of});
}

std::vector<std::string> history_row(const Json& entry) {
  if (entry.find("action") != nullptr) {
    return {text_at(entry, "number"), text_at(entry, "action"), "", "by " + text_at(entry, "by"),
            text_at(entry, "at"),     text_at(entry, "why"),    ""};
  }
  const auto branch = text_at(entry, "branch");
  return {text_at(entry, "number"),
          text_at(entry, "state") + (branch == "-" ? "" : " [" + branch + "]"),
          text_at(entry, "attempt"),
          text_at(entry, "outcome"),
          text_at(entry, "endedAt"),
          text_at(entry, "input"),
          entry.find("error") != nullptr ? text_at(entry, "error") + ": " + text_at(entry, "cause")
                                         : text_at(entry, "output")};
}

void print_execution(const Json& execution) {
  for (const char* name : {"executionId", "definition", "version", "status", "state", "attempt", "error", "cause",
                           "startedAt", "since", "stuckSeconds", "redrives", "input", "output"}) {
    fmt::print("{:<14} {}\n", name, text_at(execution, name));
  }
  if (const auto* pause = execution.find("pause")) {
    fmt::print("{:<14} by {} since {}: {}\n", "paused", text_at(*pause, "by"), text_at(*pause, "at"),
               text_at(*pause, "why"));
  }
  std::vector<std::vector<std::string>> threads;
  if (const auto* current = execution.find("current")) {
    for (const auto& thread : current->as_array()) {
      threads.push_back({text_at(thread, "state"), text_at(thread, "branch"), text_at(thread, "doing"),
                         text_at(thread, "attempt"), text_at(thread, "enteredAt"), text_at(thread, "due")});
    }
  }
  if (!threads.empty()) fmt::print("\n");
  if (!threads.empty()) print_table({"NOW IN", "BRANCH", "DOING", "ATTEMPT", "ENTERED", "DUE"}, threads);
}

/// Reads the pages of the history behind what `show` answers.
base::Result<void> complete_history(ApiClient& client, const std::string& id, Json& execution) {
  auto* history = execution.find("history");
  while (history != nullptr && execution.integer_at("historyNext")) {
    const auto from = text_at(execution, "historyNext");
    auto more = client.call(
        {.path = fmt::format("{}{}/history?limit={}&from={}", kPath, percent_encode(id), kHistoryPage, from)});
    if (!more) return base::fail(more.error());
    for (auto& entry : more->find("items")->as_array()) history->push_back(std::move(entry));
    const auto* next = more->find("next");
    execution.set("historyNext", next == nullptr ? Json() : *next);
    history = execution.find("history");
  }
  return {};
}

Exit show(const Invocation& invocation) {
  ApiClient client(invocation);
  const auto& id = invocation.argument(0);
  auto execution = client.call({.path = std::string(kPath) + percent_encode(id)});
  if (!execution) return exit_with(execution.error(), invocation.json());
  if (const auto complete = complete_history(client, id, *execution); !complete) {
    return exit_with(complete.error(), invocation.json());
  }
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(*execution));
    return Exit::done;
  }
  print_execution(*execution);
  std::vector<std::vector<std::string>> rows;
  if (const auto* history = execution->find("history")) {
    for (const auto& entry : history->as_array()) rows.push_back(history_row(entry));
  }
  fmt::print("\n");
  print_table({"#", "STATE", "ATTEMPT", "OUTCOME", "ENDED", "INPUT", "OUTPUT"}, rows);
  return Exit::done;
}

Exit report(const base::Result<Json>& answer, const Invocation& invocation, std::string_view done) {
  if (!answer) return exit_with(answer.error(), invocation.json());
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(*answer));
  } else {
    const auto id = text_at(*answer, "executionId");
    fmt::print("{}{}\n", id == "-" ? "" : id + "  ", done);
  }
  return Exit::done;
}

Exit start(const Invocation& invocation) {
  auto body =
      Json::object({{"definition", *invocation.option("definition")}, {"reason", invocation.option_or("reason", "")}});
  if (const auto file = invocation.option("input")) {
    const auto text = read_input(*file);
    auto input = text ? base::parse_json(*text) : base::fail(text.error());
    if (!input) {
      complain(input.error(), invocation.json());
      return Exit::usage;
    }
    body.set("input", std::move(*input));
  }
  return report(ApiClient(invocation)
                    .call({.method = "POST",
                           .path = "/api/executions",
                           .body = std::move(body),
                           .idempotency_key = invocation.option_or("idempotency-key", "")}),
                invocation, "started");
}

base::Result<std::int64_t> number_of(const std::string& name, const std::string& text) {
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  const auto number = digits ? base::JsonNumber{text}.integer() : std::nullopt;
  if (number) return *number;
  return base::fail(base::ErrorCode::malformed, "bad_option", fmt::format("--{} must be an integer", name));
}

/// The body with the options that are numbers, by member name.
base::Result<Json> with_numbers(const Invocation& invocation, Json body,
                                const std::vector<std::pair<const char*, const char*>>& options) {
  for (const auto& [option, member] : options) {
    const auto given = invocation.option(option);
    if (!given) continue;
    const auto number = number_of(option, *given);
    if (!number) return base::fail(number.error());
    body.set(member, Json(*number));
  }
  return body;
}

Exit act(const Invocation& invocation, const char* action, const char* done) {
  auto body = with_numbers(invocation, Json::object({{"reason", invocation.option_or("reason", "")}}),
                           {{"version", "version"}});
  if (!body) {
    complain(body.error(), invocation.json());
    return Exit::usage;
  }
  return report(ApiClient(invocation)
                    .call({.method = "POST",
                           .path = fmt::format("{}{}/{}", kPath, percent_encode(invocation.argument(0)), action),
                           .body = std::move(*body)}),
                invocation, done);
}

Exit stop(const Invocation& invocation) { return act(invocation, "stop", "stopped"); }
Exit pause(const Invocation& invocation) { return act(invocation, "pause", "paused"); }
Exit resume(const Invocation& invocation) { return act(invocation, "resume", "resumed"); }
Exit redrive(const Invocation& invocation) { return act(invocation, "redrive", "redriven"); }

base::Result<Json> bulk_body(const Invocation& invocation) {
  auto filter = Json::object();
  for (const char* name : {"status", "definition", "error"}) {
    if (const auto value = invocation.option(name)) filter.set(name, *value);
  }
  auto numbered = with_numbers(invocation, std::move(filter), {{"stuck", "stuckSeconds"}});
  if (!numbered) return numbered;
  auto body = Json::object({{"action", invocation.argument(0)},
                            {"filter", std::move(*numbered)},
                            {"reason", invocation.option_or("reason", "")},
                            {"dryRun", Json(invocation.flag("dry-run"))}});
  return with_numbers(invocation, std::move(body), {{"version", "version"}});
}

/// Page after page, as each answers; exit 1 when one was refused.
Exit bulk(const Invocation& invocation) {
  auto body = bulk_body(invocation);
  if (!body) {
    complain(body.error(), invocation.json());
    return Exit::usage;
  }
  ApiClient client(invocation);
  auto all = Json::array();
  bool refused = false;
  while (true) {
    const auto page = client.call({.method = "POST", .path = "/api/executions/bulk", .body = *body});
    if (!page) return exit_with(page.error(), invocation.json());
    for (const auto& item : page->find("items")->as_array()) {
      refused = refused || item.string_at("result") == "refused";
      all.push_back(item);
    }
    const auto cursor = page->string_at("nextCursor");
    if (!cursor) break;
    body->set("cursor", std::string(*cursor));
  }
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(Json::object({{"items", all}})));
  } else {
    std::vector<std::vector<std::string>> rows;
    for (const auto& item : all.as_array()) {
      rows.push_back({text_at(item, "executionId"), text_at(item, "result"), text_at(item, "message")});
    }
    print_table({"EXECUTION", "RESULT", "WHY"}, rows);
  }
  return refused ? Exit::refused : Exit::done;
}

/// A token on the command line would be seen by everybody on the machine; `-` reads it from standard input.
base::Result<std::string> token_of(const Invocation& invocation) {
  const auto& given = invocation.argument(0);
  if (given != "-") return given;
  auto text = read_input("-");
  while (text && !text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  return text;
}

Exit answer(const Invocation& invocation, const char* kind, Json body) {
  auto token = token_of(invocation);
  if (!token) {
    complain(token.error(), invocation.json());
    return Exit::usage;
  }
  body.set("taskToken", std::move(*token));
  return report(ApiClient(invocation)
                    .call({.method = "POST", .path = std::string("/api/callbacks/") + kind, .body = std::move(body)}),
                invocation, "accepted");
}

Exit callback_success(const Invocation& invocation) {
  auto body = Json::object();
  if (const auto given = invocation.option("output")) {
    auto output = base::parse_json(*given);
    if (!output) {
      output.error().message = "--output: " + output.error().message;
      complain(output.error(), invocation.json());
      return Exit::usage;
    }
    body.set("output", std::move(*output));
  }
  return answer(invocation, "success", std::move(body));
}

Exit callback_failure(const Invocation& invocation) {
  return answer(invocation, "failure",
                Json::object({{"error", *invocation.option("error")}, {"cause", invocation.option_or("cause", "")}}));
}

Exit callback_heartbeat(const Invocation& invocation) { return answer(invocation, "heartbeat", Json::object()); }

const ArgumentSpec kExecution{"EXECUTION", "the execution's id"};
const ArgumentSpec kToken{"TOKEN", "the task token; - reads standard input", true};
const OptionSpec kReason{"reason", "TEXT", "why; kept with your name", true};
const OptionSpec kMaybeReason{"reason", "TEXT", "why; kept with your name"};
const OptionSpec kVersion{"version", "N", "go on in this version of the definition"};

std::vector<OptionSpec> filters() {
  return {{"status", "STATUS", "running, paused, parked, failed, stopped or succeeded"},
          {"definition", "NAME", "only of this definition"},
          {"error", "ERROR", "only with this error"},
          {"stuck", "SECONDS", "only those that are where they are for at least so long"}};
}

std::vector<OptionSpec> with(std::vector<OptionSpec> all, std::vector<OptionSpec> more) {
  all.insert(all.end(), more.begin(), more.end());
  return client_options(std::move(all));
}

}  // namespace

std::vector<CommandSpec> execution_commands() {
  return {
      {"execution list",
       "List executions, who moved last first (operators).",
       {},
       with(filters(),
            {{"limit", "N", "at most N (default and maximum 50)"}, {"cursor", "CURSOR", "continue an earlier list"}}),
       list},
      {"execution show", "Show an execution with its whole history.", {kExecution}, client_options(), show},
      {"execution start",
       "Start an execution of a definition.",
       {},
       client_options({{"definition", "NAME", "the definition", true},
                       {"input", "FILE", "its input as JSON; - reads standard input (default {})"},
                       kMaybeReason,
                       {"idempotency-key", "KEY", "the same key again repeats nothing"}}),
       start},
      {"execution stop", "End an execution where it stands.", {kExecution}, client_options({kReason}), stop},
      {"execution pause", "Hold an execution.", {kExecution}, client_options({kReason}), pause},
      {"execution resume", "Let a paused execution go on.", {kExecution}, client_options({kMaybeReason}), resume},
      {"execution redrive",
       "Run a failed, stopped or parked execution on from where it ended.",
       {kExecution},
       client_options({kReason, kVersion}),
       redrive},
      {"execution bulk",
       "Do the same to every execution that a query finds, with a result for each.",
       {{"ACTION", "stop, pause, resume or redrive"}},
       with(filters(), {kReason, kVersion, {"dry-run", "", "say what would be done, and do nothing"}}),
       bulk},
      {"execution callback success",
       "Answer a task token with a result.",
       {kToken},
       client_options({{"output", "JSON", "the result"}}),
       callback_success},
      {"execution callback failure",
       "Answer a task token with an error.",
       {kToken},
       client_options({{"error", "NAME", "the error's name, as Retry and Catch match it", true},
                       {"cause", "TEXT", "what happened"}}),
       callback_failure},
      {"execution callback heartbeat",
       "Say that a task is still being worked on.",
       {kToken},
       client_options(),
       callback_heartbeat},
  };
}

}  // namespace ow::app
