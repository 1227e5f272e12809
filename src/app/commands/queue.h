// What the `queue` commands share. Main thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/api_client.h"
#include "app/command_line.h"

namespace ow::app {

/// "/api/queues/NAME" of the first argument.
std::string queue_path(const Invocation& invocation);

/// Options that choose messages, and which of them are numbers: option and API member.
std::vector<OptionSpec> filter_options();
const std::vector<std::pair<std::string, std::string>>& number_filters();

/// One `name value` a line.
void print_members(const base::Json& object, const std::vector<std::string>& names);
/// Calls and shows the answer: with --json as it came, else these members.
Exit show_answer(const Invocation& invocation, ApiCall call, const std::vector<std::string>& names);
std::vector<std::string> operation_members();

std::vector<CommandSpec> queue_change_commands();

}  // namespace ow::app
