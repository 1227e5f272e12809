// `workflow list|show|upload|route|roll-back|pause|resume`: definitions of a running server and their versions.
// What is judged and run offline is in workflow.cpp.
#include <fmt/format.h>

#include "app/api_client.h"
#include "app/commands/commands.h"
#include "app/listing.h"
#include "app/table.h"

namespace ow::app {
namespace {

using base::Json;

std::string share_of(const Json& routing) {
  const auto* share = routing.find("share");
  if (share == nullptr || share->is_null()) return "-";
  return text_at(*share, "percent") + " % to v" + text_at(*share, "version");
}

std::vector<std::string> row_of(const Json& routing) {
  const auto* paused = routing.find("paused");
  return {text_at(routing, "definition"),
          "v" + text_at(routing, "current"),
          share_of(routing),
          "v" + text_at(routing, "latest"),
          text_at(routing, "chosenBy"),
          paused != nullptr && !paused->is_null() ? "paused" : "running"};
}

Exit list(const Invocation& invocation) {
  return show_list(invocation, {.path = "/api/workflows",
                                .heading = {"DEFINITION", "CURRENT", "SHARE", "LATEST", "CHOSEN BY", "STATE"},
                                .row_of = row_of});
}

std::string path_of(const Invocation& invocation, std::string_view tail = {}) {
  return fmt::format("/api/workflows/{}{}", percent_encode(invocation.argument(0)), tail);
}

Exit show_text(const Invocation& invocation, const std::string& version) {
  const auto answer =
      ApiClient(invocation).call({.path = path_of(invocation, "/text?version=" + percent_encode(version))});
  if (!answer) return exit_with(answer.error(), invocation.json());
  const auto* definition = answer->find("definition");
  fmt::print("{}\n",
             invocation.json() || definition == nullptr ? base::to_text(*answer) : base::to_pretty_text(*definition));
  return Exit::done;
}

Exit show(const Invocation& invocation) {
  if (const auto version = invocation.option("version")) return show_text(invocation, *version);
  const auto answer = ApiClient(invocation).call({.path = path_of(invocation)});
  if (!answer) return exit_with(answer.error(), invocation.json());
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(*answer));
    return Exit::done;
  }
  print_table({"DEFINITION", "CURRENT", "SHARE", "LATEST", "CHOSEN BY", "STATE"}, {row_of(*answer)});
  std::vector<std::vector<std::string>> versions;
  if (const auto* all = answer->find("versions")) {
    for (const auto& version : all->as_array()) {
      const auto* added = version.find("added");
      versions.push_back({"v" + text_at(version, "version"), text_at(version, "sha256").substr(0, 12),
                          added == nullptr ? "-" : text_at(*added, "by"),
                          added == nullptr ? "-" : text_at(*added, "at"),
                          added == nullptr ? "-" : text_at(*added, "why")});
    }
  }
  fmt::print("\n");
  print_table({"VERSION", "SHA-256", "BY", "ADDED", "WHY"}, versions);
  return Exit::done;
}

Exit unusable(const base::Error& error, const Invocation& invocation) {
  complain(error, invocation.json());
  return Exit::usage;
}

/// Sets a member from an option that is an integer.
base::Result<void> set_number(const Invocation& invocation, const char* name, Json& body) {
  const auto given = invocation.option(name);
  if (!given) return {};
  const bool digits = !given->empty() && given->find_first_not_of("0123456789") == std::string::npos;
  const auto number = digits ? base::JsonNumber{*given}.integer() : std::nullopt;
  if (!number)
    return base::fail(base::ErrorCode::malformed, "bad_option", fmt::format("--{} must be an integer", name));
  body.set(name, Json(*number));
  return {};
}

Exit change(const Invocation& invocation, std::string path, Json body, bool whole_gate = false) {
  for (const char* name : {"version", "percent", "rate"}) {
    if (const auto set = set_number(invocation, name, body); !set) return unusable(set.error(), invocation);
  }
  body.set("reason", invocation.option_or("reason", ""));
  const auto answer = ApiClient(invocation).call({.method = "POST", .path = std::move(path), .body = std::move(body)});
  if (!answer) return exit_with(answer.error(), invocation.json());
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(*answer));
  } else if (whole_gate) {
    fmt::print("{}\n", answer->bool_at("paused").value_or(false) ? "all executions are paused" : "executions run");
  } else {
    print_table({"DEFINITION", "CURRENT", "SHARE", "LATEST", "CHOSEN BY", "STATE"}, {row_of(*answer)});
  }
  return Exit::done;
}

Exit upload(const Invocation& invocation) {
  const auto text = read_input(*invocation.option("file"));
  auto definition = text ? base::parse_json(*text) : base::fail(text.error());
  if (!definition) return unusable(definition.error(), invocation);
  return change(invocation, path_of(invocation, "/versions"), Json::object({{"definition", std::move(*definition)}}));
}

Exit route(const Invocation& invocation) { return change(invocation, path_of(invocation, "/route"), Json::object()); }
Exit roll_back(const Invocation& invocation) {
  return change(invocation, path_of(invocation, "/roll-back"), Json::object());
}

/// One definition, or everything.
Exit set_pause(const Invocation& invocation, const char* action) {
  const auto name = invocation.option("definition");
  const bool everything = invocation.flag("all");
  if (name.has_value() == everything) {
    complain("name either --definition NAME or --all");
    return Exit::usage;
  }
  auto path = everything ? fmt::format("/api/workflow-control/{}", action)
                         : fmt::format("/api/workflows/{}/{}", percent_encode(*name), action);
  return change(invocation, std::move(path), Json::object(), everything);
}

Exit pause(const Invocation& invocation) { return set_pause(invocation, "pause"); }
Exit resume(const Invocation& invocation) { return set_pause(invocation, "resume"); }

Exit status(const Invocation& invocation) {
  const auto answer = ApiClient(invocation).call({.path = "/api/workflow-control"});
  if (!answer) return exit_with(answer.error(), invocation.json());
  if (invocation.json()) {
    fmt::print("{}\n", base::to_text(*answer));
    return Exit::done;
  }
  const auto rate = text_at(*answer, "rate");
  fmt::print("{}{}\n", answer->bool_at("paused").value_or(false) ? "all executions are paused" : "executions run",
             rate == "-" ? "" : ", at most " + rate + " transitions a second");
  return Exit::done;
}

const ArgumentSpec kName{"NAME", "the definition's name"};
const OptionSpec kReason{"reason", "TEXT", "why; kept with your name", true};
const OptionSpec kMaybeReason{"reason", "TEXT", "why; kept with your name"};
const OptionSpec kPercent{"percent", "N", "of new executions that get it (default 100; 0: none)"};
const OptionSpec kDefinition{"definition", "NAME", "the executions of this definition"};
const OptionSpec kAll{"all", "", "all executions"};

}  // namespace

std::vector<CommandSpec> definition_commands() {
  return {
      {"workflow list",
       "List the definitions and which version new executions get (operators).",
       {},
       client_options(),
       list},
      {"workflow show",
       "Show a definition with its versions, or the text of one.",
       {kName},
       client_options({{"version", "N", "print the text of this version"}}),
       show},
      {"workflow upload",
       "Add a version of a definition.",
       {kName},
       client_options({{"file", "FILE", "the definition; - reads standard input", true}, kPercent, kReason}),
       upload},
      {"workflow route",
       "Give all or a share of new executions to a version.",
       {kName},
       client_options({{"version", "N", "the version", true}, kPercent, kReason}),
       route},
      {"workflow roll-back",
       "End a share, or go back to the version before.",
       {kName},
       client_options({kReason}),
       roll_back},
      {"workflow pause",
       "Hold the executions of a definition, or all.",
       {},
       client_options({kDefinition, kAll, kReason}),
       pause},
      {"workflow resume",
       "Let held executions go on.",
       {},
       client_options({kDefinition, kAll, {"rate", "N", "at most so many a second"}, kMaybeReason}),
       resume},
      {"workflow status", "Say whether all executions are paused.", {}, client_options(), status},
  };
}

}  // namespace ow::app
