// `workflow validate` and `workflow test`: definitions judged and run offline, in simulated time.
#include <fmt/format.h>

#include "app/commands/commands.h"
#include "states/definition.h"
#include "states/offline_run.h"

namespace ow::app {
namespace {

// Other people's JSON: of a repeated member the last counts, as their tools have it.
base::Result<base::Json> read_json(const std::string& file) {
  const auto text = read_input(file);
  if (!text) return base::fail(text.error());
  auto json = base::parse_json(*text, {.repeated_members = base::RepeatedMembers::last_kept});
  if (!json) json.error().message = file + ": " + json.error().message;
  return json;
}

base::Result<std::shared_ptr<const states::Definition>> read_definition(const std::string& file) {
  const auto text = read_input(file);
  if (!text) return base::fail(text.error());
  return states::Definition::parse(*text);
}

Exit unusable(const base::Error& error, bool json) {
  complain(error, json);
  return Exit::usage;
}

Exit validate(const Invocation& invocation) {
  const auto definition = read_definition(invocation.argument(0));
  if (!definition) return unusable(definition.error(), invocation.json());
  fmt::print("{}\n", invocation.json() ? R"({"valid":true})" : "valid");
  return Exit::done;
}

Exit test(const Invocation& invocation) {
  const auto definition = read_definition(*invocation.option("definition"));
  if (!definition) return unusable(definition.error(), invocation.json());
  const auto input = read_json(*invocation.option("input"));
  if (!input) return unusable(input.error(), invocation.json());
  base::Json mocks;
  if (const auto file = invocation.option("mocks")) {
    auto read = read_json(*file);
    if (!read) return unusable(read.error(), invocation.json());
    mocks = std::move(*read);
  }
  if (const auto checked = states::check_mocks(**definition, mocks); !checked) {
    return unusable(checked.error(), invocation.json());
  }
  const auto answer = states::run_offline(**definition, *input, mocks);
  fmt::print("{}\n", base::to_text(answer));
  return answer.string_at("status") == "SUCCEEDED" ? Exit::done : Exit::refused;
}

}  // namespace

std::vector<CommandSpec> workflow_commands() {
  return {
      {"workflow validate",
       "Check a States Language definition.",
       {{"FILE", "the definition; - reads standard input"}},
       {},
       validate},
      {"workflow test",
       "Run a definition offline with mocked tasks and simulated time.",
       {},
       {{"definition", "FILE", "the definition", true},
        {"input", "FILE", "the input as JSON; - reads standard input", true},
        {"mocks", "FILE", "per state name a list of {\"return\": …} or {\"throw\": {\"error\", \"cause\"}}"}},
       test},
  };
}

}  // namespace ow::app
