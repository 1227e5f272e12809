// `rule test`: an event pattern against an event, offline.
#include <fmt/format.h>

#include "app/commands/commands.h"
#include "base/json.h"
#include "rules/pattern.h"

namespace ow::app {
namespace {

Exit unusable(const base::Error& error, const std::string& file, bool json) {
  auto named = error;
  named.message = file + ": " + named.message;
  complain(named, json);
  return Exit::usage;
}

Exit test(const Invocation& invocation) {
  const auto pattern_file = *invocation.option("pattern");
  const auto text = read_input(pattern_file);
  if (!text) return unusable(text.error(), pattern_file, invocation.json());
  const auto pattern = rules::Pattern::compile_text(*text);
  if (!pattern) return unusable(pattern.error(), pattern_file, invocation.json());
  const auto event_file = *invocation.option("event");
  const auto event_text = read_input(event_file);
  if (!event_text) return unusable(event_text.error(), event_file, invocation.json());
  const auto event = base::parse_json(*event_text, {.repeated_members = base::RepeatedMembers::last_kept});
  if (!event) return unusable(event.error(), event_file, invocation.json());
  if (!event->is_object()) {
    return unusable({base::ErrorCode::malformed, "bad_event", "an event is a JSON object"}, event_file,
                    invocation.json());
  }
  const bool match = pattern->match(*event);
  fmt::print("{}\n", match ? R"({"match":true})" : R"({"match":false})");
  return match ? Exit::done : Exit::refused;
}

}  // namespace

std::vector<CommandSpec> rule_commands() {
  return {{"rule test",
           "Match an event against an event pattern, offline.",
           {},
           {{"pattern", "FILE", "the pattern as JSON; - reads standard input", true},
            {"event", "FILE", "the event as JSON; - reads standard input", true}},
           test}};
}

}  // namespace ow::app
