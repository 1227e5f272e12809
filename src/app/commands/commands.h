// The commands of the program, one group a file. Main thread.
#pragma once

#include <vector>

#include "app/command_line.h"

namespace ow::app {

std::vector<CommandSpec> serve_commands();
std::vector<CommandSpec> token_commands();
std::vector<CommandSpec> user_commands();
std::vector<CommandSpec> order_commands();
std::vector<CommandSpec> product_commands();
std::vector<CommandSpec> account_commands();
std::vector<CommandSpec> person_commands();
std::vector<CommandSpec> api_key_commands();
std::vector<CommandSpec> event_commands();
std::vector<CommandSpec> event_source_commands();
std::vector<CommandSpec> queue_commands();
std::vector<CommandSpec> workflow_commands();
std::vector<CommandSpec> definition_commands();
std::vector<CommandSpec> execution_commands();
std::vector<CommandSpec> obligation_commands();
std::vector<CommandSpec> rule_commands();
std::vector<CommandSpec> event_rule_commands();
std::vector<CommandSpec> replay_commands();
std::vector<CommandSpec> webhook_commands();
std::vector<CommandSpec> webhook_endpoint_commands();
std::vector<CommandSpec> mail_commands();
std::vector<CommandSpec> receipt_commands();
std::vector<CommandSpec> topic_commands();
std::vector<CommandSpec> snapshot_commands();
std::vector<CommandSpec> background_commands();
std::vector<CommandSpec> export_commands();
std::vector<CommandSpec> doctor_commands();

/// All of them, in the order of the help.
std::vector<CommandSpec> all_commands();

}  // namespace ow::app
